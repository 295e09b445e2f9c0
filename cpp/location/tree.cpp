#include "location/tree.hpp"

#include <algorithm>
#include <cmath>

#include "location/evaluate.hpp"

namespace netdesign::location {

namespace {

constexpr std::int32_t iterations_per_node = 40;

}  // namespace

Tree::Tree(Run& run, const Problem& problem, const CandidateLists& lists, Relaxation root, std::vector<double> lambda, double bound)
    : run_(run), problem_(problem), lists_(lists), root_(std::move(root)) {
    root_customer_.assign(static_cast<std::size_t>(problem.n_customers()), -1);
    for (std::int32_t i = 0; i < root_.n_customers(); ++i) root_customer_[static_cast<std::size_t>(root_.customer[static_cast<std::size_t>(i)])] = i;
    root_site_.assign(static_cast<std::size_t>(problem.n_sites()), -1);
    for (std::int32_t j = 0; j < root_.n_sites(); ++j) root_site_[static_cast<std::size_t>(root_.site[static_cast<std::size_t>(j)])] = j;
    open_.push_back({bound, std::move(lambda), std::vector<Fix>(root_.site.size(), Fix::free), 0});
}

Tree::Outcome Tree::process_one() {
    Node node;
    {
        const std::lock_guard lock(mutex_);
        if (open_.empty()) return in_hand_.empty() ? Outcome::exhausted : Outcome::idle;
        // TODO: lowest bound first, deepest first among equals
        std::pop_heap(open_.begin(), open_.end(), [](const Node& a, const Node& b) { return a.bound > b.bound || (a.bound == b.bound && a.depth < b.depth); });
        node = std::move(open_.back());
        open_.pop_back();
        in_hand_.push_back(node.bound);
        ++n_nodes_;
    }
    std::vector<Node> children;
    double settled = infinite_cost;
    const double bound = node.bound;
    if (bound >= run_.cutoff()) settled = bound;
    else explore(node, children, settled);
    finish(std::move(children), bound, settled);
    return Outcome::worked;
}

void Tree::finish(std::vector<Node> children, double node_bound, double settled) {
    double lowest;
    {
        const std::lock_guard lock(mutex_);
        in_hand_.erase(std::find(in_hand_.begin(), in_hand_.end(), node_bound));
        settled_ = std::min(settled_, settled);
        for (auto& child : children) {
            open_.push_back(std::move(child));
            std::push_heap(open_.begin(), open_.end(), [](const Node& a, const Node& b) { return a.bound > b.bound || (a.bound == b.bound && a.depth < b.depth); });
        }
        lowest = settled_;
        if (!open_.empty()) lowest = std::min(lowest, open_.front().bound);
        for (const double b : in_hand_) lowest = std::min(lowest, b);
    }
    run_.raise_bound(lowest);
}

void Tree::explore(Node& node, std::vector<Node>& children, double& settled) {
    Relaxation relaxation = restrict(root_, node.fix);
    std::vector<Fix> fix;
    for (bool again = true; again;) {
        again = false;
        if (!relaxation.possible()) return;
        if (relaxation.decided()) return settle(relaxation, settled);
        std::vector<double> lambda(relaxation.customer.size());
        for (std::size_t i = 0; i < lambda.size(); ++i)
            lambda[i] = node.lambda[static_cast<std::size_t>(root_customer_[static_cast<std::size_t>(relaxation.customer[i])])];
        DualAscent ascent(relaxation, std::move(lambda));
        ascent.restart(0.5);
        for (std::int32_t k = 0; k < iterations_per_node && !ascent.exhausted(); ++k) {
            ascent.step(run_.objective());
            if (ascent.best().safe_value >= run_.cutoff()) {
                settled = std::min(settled, ascent.best().safe_value);
                return;
            }
            if (k % 8 == 7 && run_.interrupted()) {  // hand the node back as it was
                children.push_back(std::move(node));
                return;
            }
        }
        for (std::size_t i = 0; i < relaxation.customer.size(); ++i)
            node.lambda[static_cast<std::size_t>(root_customer_[static_cast<std::size_t>(relaxation.customer[i])])] = ascent.best().lambda[i];
        node.bound = std::max(node.bound, ascent.best().safe_value);
        try_choice(relaxation, ascent.best());
        const std::int32_t n_fixed = fix_by_reduced_cost(relaxation, ascent.best(), run_.cutoff(), fix);
        for (std::size_t j = 0; j < fix.size(); ++j)
            node.fix[static_cast<std::size_t>(root_site_[static_cast<std::size_t>(relaxation.site[j])])] = fix[j];
        if (n_fixed > 0 && (4 * n_fixed > relaxation.n_sites() || relaxation.n_sites() - n_fixed < 4)) {
            relaxation = restrict(relaxation, fix);
            again = true;
            continue;
        }
        const std::int32_t j = branching_site(relaxation, ascent);
        const auto at = static_cast<std::size_t>(root_site_[static_cast<std::size_t>(relaxation.site[static_cast<std::size_t>(j)])]);
        Node sibling{node.bound, node.lambda, node.fix, node.depth + 1};
        ++node.depth;
        node.fix[at] = Fix::open;
        sibling.fix[at] = Fix::closed;
        children.push_back(std::move(sibling));
        children.push_back(std::move(node));
    }
}

void Tree::settle(const Relaxation& relaxation, double& settled) {
    std::vector<Site> open = relaxation.open;
    if (relaxation.max_open > 0 && relaxation.min_open == relaxation.n_sites()) open.insert(open.end(), relaxation.site.begin(), relaxation.site.end());
    thread_local std::vector<std::uint8_t> scratch;
    const double objective = evaluate(problem_, lists_, open, scratch);
    run_.offer(open, objective);
    settled = std::min(settled, objective);
}

void Tree::try_choice(const Relaxation& relaxation, const DualPoint& point) {
    std::vector<Site> open = relaxation.open;
    for (std::size_t j = 0; j < relaxation.site.size(); ++j)
        if (point.chosen[j]) open.push_back(relaxation.site[j]);
    if (open.empty()) return;
    thread_local std::vector<std::uint8_t> scratch;
    run_.offer(open, evaluate(problem_, lists_, open, scratch));
}

std::int32_t Tree::branching_site(const Relaxation& relaxation, const DualAscent& ascent) const {
    std::int32_t best = -1;
    double score = -1.0;
    for (std::int32_t j = 0; j < relaxation.n_sites(); ++j) {
        const double share = ascent.share()[static_cast<std::size_t>(j)];
        const double here = std::min(share, 1.0 - share);
        if (here > score) score = here, best = j;
    }
    return best;
}

}  // namespace netdesign::location
