#include "location/capacitated_tree.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <thread>

#include "base/parallel.hpp"

namespace netdesign::location {

namespace {

constexpr std::int32_t n_reliable = 2;  // probes after which the mean gain of a side is trusted
constexpr std::size_t memory_for_nodes = std::size_t{1} << 29;  // bytes; beyond it the deepest node comes first
constexpr std::size_t looks_per_round = 4;

// Longer walks from the best assignments found: how many are remembered, how long, and how much work they may be beside that
// of the nodes.
constexpr std::size_t n_promising = 8;
constexpr double walking_share = 0.3;

// Guesses: the first above the bound, relative; how much more work the next may take; when one was too high, and by how
// much. Without guesses Díaz and Fernández' p16, p36 and p50 are not proven in 8 s, with them in 5.6, 3.5 and 1.3 s.
constexpr double first_step = 5e-4, growth = 3.0, too_much_growth = 10.0, kept_of_step = 0.3;

}  // namespace

CapacitatedTree::CapacitatedTree(const Residual& root, CapacitatedStart start, std::uint64_t seed, std::size_t threads, base::Watch& watch)
    : root_(root), integral_(start.integral), random_(seed), threads_(threads), watch_(watch), lambda_(std::move(start.lambda)),
      first_bound_(start.bound), proven_(start.bound), objective_(start.known) {
    for (auto& side : gains_) side.resize(root.site.size());
    for (const double fixed : root.fixed_cost) dear_ += fixed;
    for (Customer i = 0; i < root.n_customers(); ++i)
        if (!root.of(i).empty()) dear_ += root.weight[index(i)] * root.of(i).back().cost;
    if (root.single_source) step_ = first_step * std::max(std::abs(start.bound), 1e-6), guess_ = start.bound + step_;
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

bool CapacitatedTree::process_round() {
    in_hand_ = infinite_cost;
    if (!renew_guess()) return false;
    look();
    return true;
}

/// False where nothing is left to look for.
bool CapacitatedTree::renew_guess() {
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

/// Looks at a few nodes, and at one of the best assignments of whole customers where that is due.
void CapacitatedTree::look() {
    std::vector<Node> nodes;
    const std::int64_t left = watch_.rule().max_iterations - watch_.now().iterations;
    while (nodes.size() < looks_per_round && static_cast<std::int64_t>(nodes.size()) < left && !open_.empty() && open_.front().bound < cutoff())
        nodes.push_back(take());
    in_hand_ = nodes.front().bound;
    const auto usual_gain = [this](std::size_t site, Side side) {
        const Gains& past = gains_[side][site];
        return past.count >= n_reliable ? past.sum / past.count : -1.0;
    };
    std::vector<CapacitatedLook> looks;
    const std::size_t count = nodes.size();
    const auto here = std::this_thread::get_id();
    const Outlook outlook{root_, cutoff(), dear_, tried_, usual_gain, [this, here] { return std::this_thread::get_id() == here ? interrupted() : stopped_.load(); }};
    for (std::size_t k = 0; k <= count; ++k) looks.emplace_back(outlook, random_.next());
    const bool walks = !promising_.empty() && walking_ <= walking_share * bounding_;
    base::parallel_for(threads_, walks ? count + 1 : count, [&](std::size_t k, std::size_t) {
        if (k < count) looks[k].explore(std::move(nodes[k]));
        else looks[k].walk_on(promising_[walks_ % promising_.size()]);
    });
    explored_ += static_cast<std::int64_t>(count);
    watch_.count(static_cast<std::int64_t>(count));
    for (std::size_t k = 0; k < count; ++k) bounding_ += looks[k].work;
    walking_ += looks[count].work;
    walks_ += walks ? 1 : 0;
    for (auto& look : looks) learn(look);
}

bool CapacitatedTree::interrupted() {
    if (watch_.look_up()) stopped_.store(true);
    return stopped_.load();
}

void CapacitatedTree::learn(CapacitatedLook& look) {
    cut_ = cut_ || look.cut;
    for (const auto& [site, side, rise] : look.gains) gains_[side][site].sum += rise, ++gains_[side][site].count;
    tried_.insert(look.tried.begin(), look.tried.end());
    for (auto& solution : look.solutions) {
        remember(solution);
        if (solution.objective == infinite_cost || solution.objective < objective_) offer(std::move(solution.parts));
    }
    for (auto& node : look.open) push(std::move(node));
}

void CapacitatedTree::push(Node node) {
    if (node.bound >= cutoff()) {
        cut_ = true;
        return;
    }
    open_.push_back(std::move(node));
    std::push_heap(open_.begin(), open_.end(), later);
}

/// Keeps the best assignments of whole customers to walk on from.
void CapacitatedTree::remember(const CapacitatedSolution& solution) {
    if (!root_.single_source || solution.objective == infinite_cost) return;
    const auto place = std::lower_bound(promising_.begin(), promising_.end(), solution.objective,
                                        [](const CapacitatedSolution& known, double value) { return known.objective < value; });
    if (place != promising_.end() && place->objective == solution.objective) return;
    promising_.insert(place, solution);
    if (promising_.size() > n_promising) promising_.pop_back();
}

/// Sites are those of the root. Whoever asks for nothing opens no site of its own.
void CapacitatedTree::offer(std::vector<Part> parts) {
    std::vector<double> load(root_.site.size(), 0.0);
    std::vector<std::uint8_t> open(root_.forced);
    double objective = 0.0;
    for (const auto& [i, j, share] : parts) {
        if (root_.weight[index(i)] == 0) continue;
        load[index(j)] += share * root_.weight[index(i)];
        open[index(j)] = 1;
        const auto list = root_.of(i);
        objective += share * root_.weight[index(i)] * std::find_if(list.begin(), list.end(), [j](const Entry& e) { return e.site == j; })->cost;
    }
    if (root_.single_source) {
        const auto anywhere = static_cast<Site>(std::find(open.begin(), open.end(), 1) - open.begin());
        for (Part& part : parts)
            if (root_.weight[index(part.customer)] == 0) part.site = anywhere;
    }
    for (std::size_t j = 0; j < open.size(); ++j) {
        if (load[j] > root_.capacity[j] * (1 + (root_.single_source ? 1e-12 : 1e-9))) return;
        if (open[j] != 0) objective += root_.fixed_cost[j];
    }
    if (objective >= objective_) return;
    objective_ = objective;
    parts_ = std::move(parts);
    watch_.improve(objective_, bound());
}

CapacitatedOutcome branch_with_capacities(const Problem& problem, const Capacities& capacities, CapacitatedStart start, std::uint64_t seed,
                                          std::size_t threads, base::StopRule rule, base::Monitor monitor) {
    base::Watch watch(rule, std::move(monitor));
    watch.improve(start.known, start.bound);
    const CandidateLists lists(problem, static_cast<std::int32_t>(problem.usable().size()), [&watch] { return watch.look_up(); });
    Residual root = residual(problem, lists, capacities);
    const std::vector<Site> names = std::move(root.site);
    root.site.resize(names.size());
    std::iota(root.site.begin(), root.site.end(), 0);
    for (double& room : root.capacity) room = std::min(room, root.demand);  // nobody carries more
    CapacitatedTree tree(root, std::move(start), seed, threads, watch);
    CapacitatedOutcome out;
    while (!watch.look_up() && tree.process_round()) watch.improve(tree.objective(), tree.bound());
    out.exhausted = tree.exhausted();
    out.parts = tree.parts();
    for (Part& part : out.parts) part.site = names[index(part.site)];
    out.bound = tree.bound();
    out.reason = watch.reason();
    out.trace = watch.trace();
    out.seconds = watch.seconds();
    out.iterations = watch.now().iterations;
    return out;
}

}  // namespace netdesign::location
