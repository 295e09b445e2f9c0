#include "location/capacitated_tree.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "location/assignment.hpp"

namespace netdesign::location {

namespace {

constexpr std::int32_t steps_per_node = 30, steps_per_probe = 8;
constexpr std::size_t n_probed = 6;     // sites looked at per node
constexpr std::int32_t n_reliable = 2;  // probes after which the mean gain of a side is trusted
constexpr std::size_t memory_for_nodes = std::size_t{1} << 29;  // bytes; beyond it the deepest node comes first
constexpr std::int32_t sweeps_settled = 300, sweeps_else = 100;

// Longer walks from the best assignments found: how many are remembered, how long, and how much work they may be beside that
// of the nodes, where a move is as dear as so many pairs.
constexpr std::size_t n_promising = 8;
constexpr std::int32_t sweeps_on = 2000;
constexpr double walking_share = 0.3, pairs_per_move = 16.0;

// Guesses: the first above the bound, relative; how much more work the next may take; when one was too high, and by how
// much. Without guesses Díaz and Fernández' p16, p36 and p50 are not proven in 8 s, with them in 5.6, 3.5 and 1.3 s.
constexpr double first_step = 5e-4, growth = 3.0, too_much_growth = 10.0, kept_of_step = 0.3;

/// A number of a set of sites that hardly another set has.
std::uint64_t name_of(const Residual& part, const std::vector<Choice>& choice) {
    std::uint64_t name = 0;
    for (std::size_t k = 0; k < choice.size(); ++k)
        if (choice[k] != Choice::left) name ^= base::Random(index(part.site[k])).next();
    return name;
}

/// Everybody at one of the sites that were not left, those whom the dual is sure of first, where the dual had them most and
/// there is room. Sites count from 0 among those that were not left.
std::vector<Site> assign_as_dual(const Residual& part, const CapacitatedDual& dual, const std::vector<Choice>& choice) {
    std::vector<Site> at(choice.size(), -1), assignment(part.weight.size(), -1);
    std::vector<double> room;
    for (std::size_t k = 0; k < choice.size(); ++k)
        if (choice[k] != Choice::left) at[k] = static_cast<Site>(room.size()), room.push_back(part.capacity[k]);
    const auto entries = [&](Customer i) { return std::pair(static_cast<std::size_t>(part.first[index(i)]), static_cast<std::size_t>(part.first[index(i) + 1])); };
    std::vector<std::pair<double, Customer>> order;
    for (Customer i = 0; i < part.n_customers(); ++i) {
        double most = 0.0;
        const auto [begin, end] = entries(i);
        for (std::size_t e = begin; e < end; ++e) most = std::max(most, dual.used(e));
        order.emplace_back(-most * part.weight[index(i)], i);
    }
    std::sort(order.begin(), order.end());
    for (const auto& [sure, i] : order) {
        const double weight = part.weight[index(i)];
        double best = -1.0;
        const auto [begin, end] = entries(i);
        for (std::size_t e = begin; e < end; ++e) {
            const Site k = at[index(part.entries[e].site)];
            if (k < 0) continue;
            const double worth = dual.used(e) + (room[index(k)] >= weight ? 2.0 : 0.0);
            if (worth > best) best = worth, assignment[index(i)] = k;
        }
        room[index(assignment[index(i)])] -= weight;
    }
    return assignment;
}

}  // namespace

CapacitatedTree::CapacitatedTree(const Residual& root, std::vector<double> lambda, double bound, double known, bool integral,
                                 std::uint64_t seed, base::Watch& watch)
    : root_(root), integral_(integral), random_(seed), watch_(watch), lambda_(std::move(lambda)), first_bound_(bound), proven_(bound), objective_(known) {
    for (auto& side : gains_) side.resize(root.site.size());
    step_ = first_step * std::max(std::abs(bound), 1e-6);
    guess_ = bound + step_;
    dear_ = 1.0;
    for (const double fixed : root.fixed_cost) dear_ += fixed;
    for (Customer i = 0; i < root.n_customers(); ++i)
        if (!root.of(i).empty()) dear_ += root.weight[index(i)] * root.of(i).back().cost;
    begin_anew();
}

void CapacitatedTree::begin_anew() {
    explored_ = 0;
    cut_ = false;
    open_.clear();
    open_.push_back({proven_, first_bound_, lambda_, std::vector<Choice>(root_.site.size(), Choice::open_to_choice), {}, 0});
}

double CapacitatedTree::target() const noexcept {
    if (objective_ == infinite_cost) return infinite_cost;
    return integral_ ? objective_ - 1.0 + 1e-6 : objective_ - 5e-10 * std::abs(objective_);
}

double CapacitatedTree::cutoff() const noexcept { return std::min(target(), integral_ ? std::ceil(guess_) - 1.0 + 1e-6 : guess_); }

double CapacitatedTree::bound() const noexcept {
    double lowest = std::min(target(), in_hand_);
    if (!open_.empty()) lowest = std::min(lowest, open_.front().bound);
    return std::max(std::min(lowest, std::max(guess_, proven_)), proven_);
}

bool CapacitatedTree::process_one() {
    in_hand_ = infinite_cost;
    if (open_.empty() || open_.front().bound >= cutoff()) {
        if (!cut_ && open_.empty()) proven_ = objective_;
        else proven_ = std::max(proven_, cutoff() < target() ? (integral_ ? std::ceil(guess_) : guess_) : objective_);
        open_.clear();
        if (proven_ >= target()) return false;
        raise_guess();
    } else if (guess_ < target() && static_cast<double>(explored_) > too_much_growth * static_cast<double>(explored_before_) + 100 &&
               open_.front().bound > proven_) {
        lower_guess();
    }
    Node node = take();
    in_hand_ = node.bound;
    ++explored_;
    explore(std::move(node));
    walk_on();
    return true;
}

/// By a step that should take a few times the work of the last one.
void CapacitatedTree::raise_guess() {
    const double ratio = static_cast<double>(explored_ + 10) / static_cast<double>(explored_before_ + 10);
    step_ *= std::clamp(std::log(growth) / std::log(std::max(ratio, 1.01)), 0.3, 2.0);
    explored_before_ = explored_;
    guess_ = proven_ + step_;
    if (guess_ > dear_) guess_ = infinite_cost;
    begin_anew();
}

void CapacitatedTree::lower_guess() {
    proven_ = open_.front().bound;
    step_ = kept_of_step * (std::min(guess_, dear_) - proven_);
    guess_ = proven_ + step_;
    explored_before_ = explored_ / 2;
    begin_anew();
}

CapacitatedTree::Node CapacitatedTree::take() {
    const std::size_t bytes = root_.weight.size() * sizeof(double) + root_.site.size();
    const bool full = open_.size() * bytes > memory_for_nodes;
    const auto shallower = [](const Node& a, const Node& b) { return a.depth < b.depth; };
    if (full) std::iter_swap(std::max_element(open_.begin(), open_.end(), shallower), open_.end() - 1);
    else std::pop_heap(open_.begin(), open_.end(), later);
    Node node = std::move(open_.back());
    open_.pop_back();
    if (full) std::make_heap(open_.begin(), open_.end(), later);
    return node;
}

void CapacitatedTree::push(Node node) {
    if (node.bound >= cutoff()) {
        cut_ = true;
        return;
    }
    open_.push_back(std::move(node));
    std::push_heap(open_.begin(), open_.end(), later);
}

void CapacitatedTree::explore(Node node) {
    const Residual here = part(node);
    if (!possible(here, node)) return;
    CapacitatedDual dual(here, node.lambda);
    bounding_ += steps_per_node * static_cast<double>(here.entries.size());
    if (ascend(dual, node, steps_per_node, true)) return;
    if (watch_.look_up()) return push(std::move(node));
    node.lambda = dual.lambda();
    node.value = dual.bound();
    node.bound = std::max(node.bound, dual.bound());
    try_sites(here, dual);
    if (node.bound >= cutoff()) return push(std::move(node));
    settle_sites(node, here, dual);
    ++node.depth;
    if (!branch_on_site(node, here, dual)) branch_on_customer(node, here, dual);
}

/// What the node leaves, without the pairs that cost too much at its multipliers.
Residual CapacitatedTree::part(const Node& node) {
    Residual out = restrict(root_, node.sites, node.given);
    const double slack = cutoff() - node.value;
    std::size_t kept = 0;
    for (std::size_t i = 0, e = 0; i < out.weight.size(); ++i) {
        for (const auto end = static_cast<std::size_t>(out.first[i + 1]); e < end; ++e) {
            if (out.weight[i] * (out.entries[e].cost - node.lambda[i]) < slack) out.entries[kept++] = out.entries[e];
            else cut_ = true;
        }
        out.first[i + 1] = static_cast<std::int64_t>(kept);
    }
    out.entries.resize(kept);
    return out;
}

bool CapacitatedTree::possible(const Residual& part, const Node& node) const {
    double room = 0.0;
    for (const double capacity : part.capacity) room += capacity;
    if (room < part.demand * (1 - 1e-12)) return false;
    for (Customer i = 0; i < part.n_customers(); ++i)
        if (part.of(i).empty()) return false;
    std::vector<double> load(root_.site.size(), 0.0);
    for (const auto& [i, j] : node.given)
        if ((load[index(j)] += root_.weight[index(i)]) > root_.capacity[index(j)] * (1 + 1e-12)) return false;
    return true;
}

/// True where the bound reaches the cutoff.
bool CapacitatedTree::ascend(CapacitatedDual& dual, const Node& node, std::int32_t steps, bool averages) {
    const double open = std::min(cutoff(), dear_) - node.bound;
    dual.demand_whole_sites();
    dual.aim(std::clamp(open / std::max(std::abs(node.bound), 1e-9), 1e-4, 0.02), cutoff() + 0.2 * open, 6);
    for (std::int32_t k = 0; k < steps; ++k) {
        if (averages && k == steps / 2) dual.begin_average();
        dual.step();
        if (dual.bound() >= cutoff()) return cut_ = true;
        if (watch_.look_up()) return false;
    }
    return false;
}

/// Fixes sites that cannot be otherwise in anything better.
void CapacitatedTree::settle_sites(Node& node, const Residual& part, const CapacitatedDual& dual) {
    for (std::size_t k = 0; k < part.site.size(); ++k) {
        Choice& choice = node.sites[index(part.site[k])];
        const double rise = dual.reduced_cost()[k];
        if (choice != Choice::open_to_choice || part.forced[k] != 0 || dual.bound() + std::abs(rise) < cutoff()) continue;
        choice = rise > 0 ? Choice::left : Choice::taken;
        cut_ = true;
    }
}

/// Sites that are not settled, those first that the dual opens half of the time and that add least.
std::vector<std::size_t> CapacitatedTree::rank_sites(const Node& node, const Residual& part, const CapacitatedDual& dual) const {
    std::vector<std::pair<double, std::size_t>> ranked;
    const double open = std::min(cutoff(), dear_) - dual.bound();
    for (std::size_t k = 0; k < part.site.size(); ++k) {
        if (node.sites[index(part.site[k])] != Choice::open_to_choice || part.forced[k] != 0) continue;
        const double share = dual.opened(k);
        ranked.emplace_back(1e-3 * std::abs(dual.reduced_cost()[k]) / open - std::min(share, 1 - share), k);
    }
    std::sort(ranked.begin(), ranked.end());
    ranked.resize(std::min(ranked.size(), n_probed));
    std::vector<std::size_t> sites;
    for (const auto& [rank, k] : ranked) sites.push_back(k);
    return sites;
}

/// Strong branching as in branching.hpp. False where all sites are settled.
bool CapacitatedTree::branch_on_site(Node& node, const Residual& part, const CapacitatedDual& dual) {
    std::size_t chosen = root_.site.size();
    double best = -1.0;
    for (const std::size_t k : rank_sites(node, part, dual)) {
        const auto j = index(part.site[k]);
        const double open = gain(node, j, opened), close = gain(node, j, closed);
        if (watch_.look_up()) return push(std::move(node)), true;
        if (open == infinite_cost || close == infinite_cost) {
            // It can have one state only, or none at all, which the next look at the node finds.
            node.sites[j] = open == infinite_cost ? Choice::left : Choice::taken;
            return push(std::move(node)), true;
        }
        const double score = std::max(open, 1e-6) * std::max(close, 1e-6);
        if (score > best) best = score, chosen = j;
    }
    if (best < 0) return false;
    for (const Choice choice : {Choice::taken, Choice::left}) {
        Node child = node;
        child.sites[chosen] = choice;
        push(std::move(child));
    }
    return true;
}

/// What the bound rises by where the site opens or closes, as far as known; infinite where that cannot be.
double CapacitatedTree::gain(const Node& node, std::size_t site, Side side) {
    Gains& past = gains_[side][site];
    if (past.count >= n_reliable) return past.sum / past.count;
    Node child = node;
    child.sites[site] = side == opened ? Choice::taken : Choice::left;
    const Residual there = part(child);
    if (!possible(there, child)) return infinite_cost;
    CapacitatedDual dual(there, child.lambda);
    bounding_ += steps_per_probe * static_cast<double>(there.entries.size());
    if (ascend(dual, child, steps_per_probe, false)) return infinite_cost;
    const double rise = std::max(0.0, dual.bound() - node.value);
    past.sum += rise;
    ++past.count;
    return rise;
}

/// The customer whom the dual serves least from one site and once, by weight; -1 where all have one site left.
Customer CapacitatedTree::most_divided(const Residual& part, const CapacitatedDual& dual) const {
    Customer chosen = -1;
    double best = -1.0;
    for (Customer i = 0; i < part.n_customers(); ++i) {
        if (part.of(i).size() < 2 || part.weight[index(i)] == 0) continue;
        double most = 0.0, sum = 0.0;
        for (auto e = static_cast<std::size_t>(part.first[index(i)]); e < static_cast<std::size_t>(part.first[index(i) + 1]); ++e) {
            most = std::max(most, dual.used(e));
            sum += dual.used(e);
        }
        const double score = (1e-3 + std::min(1.0, std::abs(1.0 - most) + std::abs(1.0 - sum))) * part.weight[index(i)];
        if (score > best) best = score, chosen = i;
    }
    return chosen;
}

/// One customer goes to each of the sites left to it. Where all have one site left, that is a solution if it has room.
void CapacitatedTree::branch_on_customer(const Node& node, const Residual& part, const CapacitatedDual& dual) {
    const Customer chosen = most_divided(part, dual);
    if (chosen < 0) {
        std::vector<Site> assignment;
        for (Customer i = 0; i < part.n_customers(); ++i) assignment.push_back(part.site[index(part.of(i).front().site)]);
        return offer(std::move(assignment));
    }
    for (const auto& [cost, k] : part.of(chosen)) {
        Node child = node;
        child.bound = std::max(node.bound, dual.bound() + std::max(0.0, part.weight[index(chosen)] * (cost - dual.lambda()[index(chosen)])));
        child.given.emplace_back(chosen, part.site[index(k)]);
        push(std::move(child));
    }
}

/// A solution from the sites that the dual opened last; again and again where all are settled.
void CapacitatedTree::try_sites(const Residual& part, const CapacitatedDual& dual) {
    std::vector<Choice> choice(part.site.size(), Choice::left);
    bool settled = true;
    for (std::size_t k = 0; k < part.site.size(); ++k) {
        if (dual.choice()[k] > 0.5 || part.forced[k] != 0) choice[k] = Choice::open_to_choice;
        settled = settled && part.forced[k] != 0;
    }
    if (!settled && !tried_.insert(name_of(part, choice)).second) return;
    const Residual chosen = restrict(part, choice, {});
    for (Customer i = 0; i < chosen.n_customers(); ++i)
        if (chosen.of(i).empty()) return;
    walk(chosen, assign_as_dual(part, dual, choice), settled ? sweeps_settled : sweeps_else);
}

/// Anneals an assignment, and remembers it where it is among the best.
void CapacitatedTree::walk(const Residual& chosen, std::vector<Site> assignment, std::int32_t sweeps) {
    AssignmentSearch search(chosen, std::move(assignment), random_.next());
    search.settle(sweeps);
    const double found = search.objective();
    if (found == infinite_cost) return;
    std::vector<Site> named;
    for (const Site k : search.assignment()) named.push_back(chosen.site[index(k)]);
    if (found < objective_) offer(named);
    const auto place = std::lower_bound(promising_.begin(), promising_.end(), found, [](const auto& known, double value) { return known.first < value; });
    if (place != promising_.end() && place->first == found) return;
    promising_.emplace(place, found, std::move(named));
    if (promising_.size() > n_promising) promising_.pop_back();
}

/// A longer walk on the sites of one of the best assignments, each in its turn.
void CapacitatedTree::walk_on() {
    if (promising_.empty() || walking_ > walking_share * bounding_) return;
    std::vector<Site> assignment = promising_[walks_++ % promising_.size()].second;
    std::vector<Choice> choice(root_.site.size(), Choice::left);
    for (std::size_t j = 0; j < choice.size(); ++j)
        if (root_.forced[j] != 0) choice[j] = Choice::open_to_choice;
    for (const Site j : assignment) choice[index(j)] = Choice::open_to_choice;
    const Residual chosen = restrict(root_, choice, {});
    std::vector<Site> at(root_.site.size(), -1);
    for (std::size_t k = 0; k < chosen.site.size(); ++k) at[index(chosen.site[k])] = static_cast<Site>(k);
    for (Site& j : assignment) j = at[index(j)];
    walking_ += pairs_per_move * sweeps_on * chosen.n_customers();
    walk(chosen, std::move(assignment), sweeps_on);
}

/// Sites are those of the root. Whoever asks for nothing opens no site of its own.
void CapacitatedTree::offer(std::vector<Site> assignment) {
    std::vector<double> load(root_.site.size(), 0.0);
    std::vector<std::uint8_t> open(root_.forced);
    double objective = 0.0;
    for (Customer i = 0; i < root_.n_customers(); ++i) {
        const Site j = assignment[index(i)];
        if (root_.weight[index(i)] == 0) continue;
        load[index(j)] += root_.weight[index(i)];
        open[index(j)] = 1;
        const auto list = root_.of(i);
        objective += root_.weight[index(i)] * std::find_if(list.begin(), list.end(), [j](const Entry& e) { return e.site == j; })->cost;
    }
    const auto anywhere = static_cast<Site>(std::find(open.begin(), open.end(), 1) - open.begin());
    for (Customer i = 0; i < root_.n_customers(); ++i)
        if (root_.weight[index(i)] == 0) assignment[index(i)] = anywhere;
    for (std::size_t j = 0; j < open.size(); ++j) {
        if (load[j] > root_.capacity[j] * (1 + 1e-12)) return;
        if (open[j] != 0) objective += root_.fixed_cost[j];
    }
    if (objective >= objective_) return;
    objective_ = objective;
    assignment_ = std::move(assignment);
    watch_.improve(objective_, bound());
}

CapacitatedOutcome branch_with_capacities(const Problem& problem, const Capacities& capacities, std::vector<double> lambda, double bound,
                                          double known, bool integral, std::uint64_t seed, base::StopRule rule, base::Monitor monitor) {
    base::Watch watch(rule, std::move(monitor));
    watch.improve(known, bound);
    const CandidateLists lists(problem, static_cast<std::int32_t>(problem.usable().size()), [&watch] { return watch.look_up(); });
    Residual root = residual(problem, lists, capacities);
    const std::vector<Site> names = std::move(root.site);
    root.site.resize(names.size());
    std::iota(root.site.begin(), root.site.end(), 0);
    for (double& room : root.capacity) room = std::min(room, root.demand);  // nobody carries more
    CapacitatedTree tree(root, std::move(lambda), bound, known, integral, seed, watch);
    CapacitatedOutcome out;
    while (!watch.should_stop() && tree.process_one()) watch.improve(tree.objective(), tree.bound());
    out.exhausted = tree.exhausted();
    for (const Site k : tree.assignment()) out.assignment.push_back(names[index(k)]);
    out.bound = tree.bound();
    out.reason = watch.reason();
    out.trace = watch.trace();
    out.seconds = watch.seconds();
    out.iterations = watch.now().iterations;
    return out;
}

}  // namespace netdesign::location
