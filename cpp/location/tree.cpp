#include "location/tree.hpp"

#include <algorithm>
#include <utility>

#include "location/evaluate.hpp"

namespace netdesign::location {

namespace {

// Tried on p-median instances of 1,300 points with the optimum given: 20 iterations per node and no probes do not
// finish in 400,000 dual iterations, 160 need 480,000, 80 with probes less than 10,000.
constexpr std::int32_t iterations_per_node = 100;
constexpr std::size_t memory_for_nodes = std::size_t{1} << 30;  // bytes; beyond it the deepest node comes first

std::vector<std::int32_t> positions(const std::vector<std::int32_t>& ids, std::int32_t n) {
    std::vector<std::int32_t> position(index(n), -1);
    for (std::size_t k = 0; k < ids.size(); ++k) position[index(ids[k])] = static_cast<std::int32_t>(k);
    return position;
}

}  // namespace

Tree::Tree(Run& run, const Problem& problem, const CandidateLists& lists, Relaxation root, std::vector<double> lambda, double bound)
    : run_(run), problem_(problem), lists_(lists), root_(std::move(root)), root_customer_(positions(root_.customer, problem.n_customers())),
      root_site_(positions(root_.site, problem.n_sites())), branching_(problem.n_sites()) {
    open_.push_back({bound, std::move(lambda), std::vector<Fix>(root_.site.size(), Fix::free), 0});
}

Tree::Outcome Tree::process_one() {
    Node node;
    {
        const std::lock_guard lock(mutex_);
        if (open_.empty()) return in_hand_.empty() ? Outcome::exhausted : Outcome::idle;
        node = take();
        in_hand_.push_back(node.bound);
    }
    const double bound = node.bound;
    std::vector<Node> children;
    if (bound < run_.cutoff()) explore(std::move(node), children);
    put_back(std::move(children), bound);
    return Outcome::worked;
}

Tree::Node Tree::take() {
    const std::size_t bytes = root_.customer.size() * sizeof(double) + root_.site.size();
    if (open_.size() * bytes > memory_for_nodes) {
        const auto deepest = std::max_element(open_.begin(), open_.end(), [](const Node& a, const Node& b) { return a.depth < b.depth; });
        Node node = std::move(*deepest);
        open_.erase(deepest);
        std::make_heap(open_.begin(), open_.end(), later);
        return node;
    }
    std::pop_heap(open_.begin(), open_.end(), later);
    Node node = std::move(open_.back());
    open_.pop_back();
    return node;
}

void Tree::put_back(std::vector<Node> children, double taken_bound) {
    // Whatever was pruned, fixed away or settled holds nothing below the cutoff.
    double lowest = run_.cutoff();
    {
        const std::lock_guard lock(mutex_);
        in_hand_.erase(std::find(in_hand_.begin(), in_hand_.end(), taken_bound));
        for (auto& child : children) {
            open_.push_back(std::move(child));
            std::push_heap(open_.begin(), open_.end(), later);
        }
        if (!open_.empty()) lowest = std::min(lowest, open_.front().bound);
        for (const double bound : in_hand_) lowest = std::min(lowest, bound);
    }
    run_.raise_bound(lowest);
}

void Tree::explore(Node node, std::vector<Node>& children) {
    Relaxation relaxation = restrict(root_, node.fix);
    while (relaxation.possible()) {
        if (relaxation.decided()) {
            if (relaxation.max_open > 0) relaxation.open.insert(relaxation.open.end(), relaxation.site.begin(), relaxation.site.end());
            return offer(std::move(relaxation.open));
        }
        std::vector<double> lambda;
        for (const Customer i : relaxation.customer) lambda.push_back(node.lambda[index(root_customer_[index(i)])]);
        DualAscent ascent(relaxation, std::move(lambda));
        const Ascended state = ascend(ascent, relaxation);
        if (state == Ascended::pruned) return;
        for (std::size_t i = 0; i < relaxation.customer.size(); ++i)
            node.lambda[index(root_customer_[index(relaxation.customer[i])])] = ascent.best().lambda[i];
        node.bound = std::max(node.bound, ascent.best().safe_value);
        absorb(node, relaxation, ascent.known());
        if (state == Ascended::interrupted) return children.push_back(std::move(node));
        std::vector<Site> choice = relaxation.open;
        for (std::size_t j = 0; j < relaxation.site.size(); ++j)
            if (ascent.best().chosen[j]) choice.push_back(relaxation.site[j]);
        offer(std::move(choice));
        if (4 * ascent.n_known() > relaxation.n_sites()) {
            relaxation = restrict(relaxation, ascent.known());
            continue;
        }
        auto branch = branching_.choose(relaxation, ascent, {run_.objective(), run_.cutoff(), [this] { return run_.interrupted(); }});
        if (branch.dead) return;
        if (!branch.known.empty()) {
            absorb(node, relaxation, branch.known);
            if (run_.interrupted()) return children.push_back(std::move(node));
            relaxation = restrict(relaxation, branch.known);
            continue;
        }
        const auto at = index(root_site_[index(relaxation.site[index(branch.site)])]);
        ++node.depth;
        for (const Fix state_of_site : {Fix::closed, Fix::open}) {
            children.push_back(node);
            children.back().fix[at] = state_of_site;
        }
        return;
    }
}

Tree::Ascended Tree::ascend(DualAscent& ascent, const Relaxation& relaxation) {
    ascent.restart(0.4);
    for (std::int32_t k = 0; k < iterations_per_node && !ascent.exhausted(); ++k) {
        if (k > 0 && run_.interrupted()) return Ascended::interrupted;
        ascent.step(run_.objective(), run_.cutoff());
        work_.fetch_add(static_cast<std::int64_t>(relaxation.entries.size()), std::memory_order_relaxed);
        if (ascent.best().safe_value >= run_.cutoff()) return Ascended::pruned;
    }
    return Ascended::open;
}

void Tree::absorb(Node& node, const Relaxation& relaxation, const std::vector<Fix>& known) const {
    for (std::size_t j = 0; j < known.size(); ++j)
        if (known[j] != Fix::free) node.fix[index(root_site_[index(relaxation.site[j])])] = known[j];
}

void Tree::offer(std::vector<Site> open) {
    if (open.empty()) return;
    thread_local std::vector<std::uint8_t> scratch;
    const double objective = evaluate(problem_, lists_, open, scratch);
    run_.offer(open, objective);
    const std::lock_guard lock(mutex_);
    if (objective >= choice_objective_) return;
    choice_objective_ = objective;
    choice_ = std::move(open);
}

std::vector<Site> Tree::take_choice() {
    const std::lock_guard lock(mutex_);
    choice_objective_ = base::infinity;
    return std::exchange(choice_, {});
}

}  // namespace netdesign::location
