#include "location/wide.hpp"

#include <algorithm>
#include <numeric>
#include <thread>
#include <utility>

#include "base/parallel.hpp"
#include "location/construct.hpp"
#include "location/dual.hpp"
#include "location/groups.hpp"
#include "location/primal.hpp"
#include "location/whole_dual.hpp"

namespace netdesign::location {

namespace {

constexpr std::int64_t steps_between_looks = 100;
constexpr std::int64_t climbs_between_looks = 8;

/// How many sites everybody lists: most multipliers lie where 1.3 times as many sites are nearer as share an open one.
std::int32_t list_length(std::int64_t sites, std::int64_t open) { return static_cast<std::int32_t>(2 * sites / open + 12); }

template <typename Source>
class Wide {
    static constexpr std::size_t D = dimensions<Source>;

public:
    Wide(const Problem& problem, const Source& source, const Options& options, const SketchSize& size);
    Outcome solve();

private:
    [[nodiscard]] std::int32_t n_first_sites() const;
    [[nodiscard]] std::size_t room() const;
    [[nodiscard]] std::int64_t n_groups() const;
    void begin();
    void first_sites();
    void more_sites();
    [[nodiscard]] Problem sketch() const;
    [[nodiscard]] std::vector<double> first_lambda(const Relaxation& relaxation) const;
    void search(const Problem& small);
    void carry(const std::vector<double>& lambda);
    void climb();
    [[nodiscard]] double assign(const std::vector<Site>& open);
    [[nodiscard]] std::vector<Site> centered(const std::vector<Site>& open);
    void publish(std::vector<Site> open);
    [[nodiscard]] std::vector<Site> of_sketch(const std::vector<Site>& open) const;
    [[nodiscard]] std::vector<Site> in_sketch(const std::vector<Site>& open) const;

    /// The run is over, or nearly: the last look at everything needs its time.
    [[nodiscard]] bool done() { return run_.interrupted() || run_.watch().seconds() + 1.2 * look_s_ > options_.stop.time_limit_s; }

    const Problem& problem_;
    const Source& source_;
    const Options& options_;
    const SketchSize& size_;
    Run run_;
    std::size_t threads_;
    KdTree<D> tree_;           // of the usable sites
    Groups<D> groups_;
    Parts areas_;              // near sites
    WholeDual<Source> dual_;
    std::vector<Site> sites_;  // of the sketch, ascending
    std::vector<Site> to_;     // per customer, of the solution assigned last
    double look_s_ = 0.0;      // what the last look at everything took
};

template <typename Source>
KdTree<dimensions<Source>> tree_of_usable(const Problem& problem, const Source& source) {
    Points<dimensions<Source>> points;
    for (const Site j : problem.usable()) points.push_back(source.sites[index(j)]);
    return KdTree<dimensions<Source>>(std::move(points), problem.usable());
}

template <typename Source>
Wide<Source>::Wide(const Problem& problem, const Source& source, const Options& options, const SketchSize& size)
    : problem_(problem), source_(source), options_(options), size_(size), run_(problem, options.stop, options.monitor),
      threads_(options.deterministic ? 1 : static_cast<std::size_t>(std::max(options.threads, 1))), tree_(tree_of_usable(problem, source)),
      dual_(problem, source, tree_, groups_, threads_) {}

template <typename Source>
std::int32_t Wide<Source>::n_first_sites() const {
    const auto wanted = std::max(size_.least_sites, size_.sites_per_open * problem_.max_open());
    return std::min(wanted, static_cast<std::int32_t>(problem_.usable().size()));
}

/// How many sites a sketch has room for.
template <typename Source>
std::size_t Wide<Source>::room() const {
    const std::int64_t list = size_.most_entries / static_cast<std::int64_t>(groups_.size()) - list_length(0, 1);
    return std::min(problem_.usable().size(), index(std::max<std::int64_t>(list, 0) / 2 * problem_.max_open()));
}

/// As many groups as the lists have room for. Groups of two cost the bound 1 %, of four 3 % with a hundred customers per open site.
template <typename Source>
std::int64_t Wide<Source>::n_groups() const {
    const std::int64_t p = problem_.max_open(), wanted = std::max<std::int64_t>(size_.least_groups, size_.groups_per_open * p);
    return std::min({std::int64_t{problem_.n_customers()}, wanted, size_.first_entries / list_length(n_first_sites(), p)});
}

/// What is given to begin from: the sites become the incumbent, every group takes the mean multiplier of its customers, which
/// reaches no more than four times as many sites as share an open one.
template <typename Source>
void Wide<Source>::begin() {
    if (!options_.sites.empty()) publish(complete(problem_, options_.sites));
    if (options_.lambda.empty()) return;
    std::vector<double> lambda(groups_.size(), 0.0);
    for (std::size_t g = 0; g < groups_.size(); ++g)
        for (const Customer i : groups_.of(g))
            if (!problem_.is_free(i)) lambda[g] += problem_.weight(i) / groups_.weights()[g] * options_.lambda[index(i)];
    const std::size_t n_sites = problem_.usable().size(), most = std::min(n_sites, 4 * n_sites / index(problem_.max_open()) + 1);
    base::parallel_for(threads_, groups_.size(), customers_at_once, [&](std::size_t g, std::size_t) {
        thread_local std::vector<typename KdTree<D>::Found> found;
        tree_.nearest(groups_.center(g), most, found);
        lambda[g] = std::min(lambda[g], pair_cost(source_, found.back().first));
    });
    carry(lambda);
}

/// One site in the middle of every area, those that stay open, and those of the incumbent.
template <typename Source>
void Wide<Source>::first_sites() {
    areas_ = cut<D>(source_.sites, problem_.usable(), n_first_sites());
    for (std::size_t k = 0; k < areas_.size(); ++k) sites_.push_back(middle(source_.sites, areas_.of(k)));
    for (const Site j : problem_.usable())
        if (problem_.status(j) == SiteStatus::open) sites_.push_back(j);
    for (const Site j : run_.open()) sites_.push_back(j);
    std::sort(sites_.begin(), sites_.end());
    sites_.erase(std::unique(sites_.begin(), sites_.end()), sites_.end());
}

/// The incumbent's sites, and of every area the one of least reduced cost that the sketch has not, the best ones where room is short.
template <typename Source>
void Wide<Source>::more_sites() {
    std::vector<std::uint8_t> in(index(problem_.n_sites()), 0);
    for (const Site j : sites_) in[index(j)] = 1;
    for (const Site j : run_.open())
        if (!std::exchange(in[index(j)], std::uint8_t{1})) sites_.push_back(j);
    const auto cheaper = [&](Site a, Site b) { return std::pair(dual_.reduced_cost()[index(a)], a) < std::pair(dual_.reduced_cost()[index(b)], b); };
    std::vector<Site> others;
    for (std::size_t k = 0; k < areas_.size(); ++k) {
        Site best = nobody;
        for (const Site j : areas_.of(k))
            if (!in[index(j)] && (best == nobody || cheaper(j, best))) best = j;
        if (best != nobody) others.push_back(best);
    }
    const auto end = others.begin() + static_cast<std::ptrdiff_t>(std::min(others.size(), room() - std::min(room(), sites_.size())));
    if (end != others.end()) std::nth_element(others.begin(), end, others.end(), cheaper);
    sites_.insert(sites_.end(), others.begin(), end);
    std::sort(sites_.begin(), sites_.end());
}

template <typename Source>
Problem Wide<Source>::sketch() const {
    Source source = source_;
    source.customers = groups_.centers();
    source.sites.clear();
    ProblemData data{.costs = {}, .weight = groups_.weights(), .fixed_cost = {}, .status = {}};
    data.min_open = problem_.min_open();
    data.max_open = problem_.max_open();
    for (const Site j : sites_) {
        source.sites.push_back(source_.sites[index(j)]);
        data.fixed_cost.push_back(problem_.fixed_cost(j));
        data.status.push_back(problem_.status(j));
    }
    data.costs = std::move(source);
    return Problem(std::move(data));
}

/// Sites of the sketch by the numbers that the problem has for them.
template <typename Source>
std::vector<Site> Wide<Source>::of_sketch(const std::vector<Site>& open) const {
    std::vector<Site> named;
    for (const Site j : open) named.push_back(sites_[index(j)]);
    return named;
}

template <typename Source>
std::vector<Site> Wide<Source>::in_sketch(const std::vector<Site>& open) const {
    std::vector<Site> named;
    for (const Site j : open) named.push_back(static_cast<Site>(std::lower_bound(sites_.begin(), sites_.end(), j) - sites_.begin()));
    return named;
}

/// Everybody to the nearest open site; returns the objective. O(customers log open sites).
template <typename Source>
double Wide<Source>::assign(const std::vector<Site>& open) {
    const Nearest nearest(problem_.source(), open);
    to_.resize(index(problem_.n_customers()));
    std::vector<double> sum(threads_, 0.0);
    base::parallel_for(threads_, groups_.order().size(), customers_at_once, [&](std::size_t k, std::size_t worker) {
        thread_local std::vector<Entry> entries;
        const Customer i = groups_.order()[k];
        nearest.find(i, 1, entries);
        to_[index(i)] = entries.front().site;
        if (!problem_.is_free(i)) sum[worker] += problem_.weight(i) * entries.front().cost;
    });
    double total = std::accumulate(sum.begin(), sum.end(), 0.0);
    for (const Site j : open) total += problem_.fixed_cost(j);
    return total;
}

/// Every open site moves to the site nearby that is best for those it serves (Maranzana 1964). O(customers).
template <typename Source>
std::vector<Site> Wide<Source>::centered(const std::vector<Site>& open) {
    constexpr std::size_t n_near = 16;
    const Parts served = Parts::by_name(to_, index(problem_.n_sites()));
    std::vector<Site> moved = open;
    base::parallel_for(threads_, open.size(), [&](std::size_t k, std::size_t) {
        thread_local std::vector<typename KdTree<D>::Found> near;
        if (problem_.status(open[k]) == SiteStatus::open) return;
        tree_.nearest(source_.sites[index(open[k])], n_near, near);
        double least = infinite_cost;
        for (const auto& [squared, j] : near) {
            double sum = problem_.fixed_cost(j);
            for (const Customer i : served.of(index(open[k]))) sum += problem_.weight(i) * problem_.cost(i, j);
            if (sum < least) least = sum, moved[k] = j;
        }
    });
    std::vector<std::uint8_t> taken(index(problem_.n_sites()), 0);
    for (const Site j : open) taken[index(j)] = 1;
    for (std::size_t k = 0; k < open.size(); ++k)
        if (std::exchange(taken[index(moved[k])], std::uint8_t{1})) moved[k] = open[k];
    return moved;
}

/// Judges a solution by all customers, and moves its sites among all sites while that pays.
template <typename Source>
void Wide<Source>::publish(std::vector<Site> open) {
    constexpr int most_rounds = 5;
    double objective = assign(open);
    run_.offer(open, objective);
    for (int round = 0; round < most_rounds && !run_.interrupted(); ++round) {
        open = centered(open);
        const double before = std::exchange(objective, assign(open));
        run_.offer(open, objective);
        if (objective >= before * (1 - 1e-4)) return;
    }
}

/// The Lagrangian function of the whole problem, everybody with the multiplier of the group: a bound.
template <typename Source>
void Wide<Source>::carry(const std::vector<double>& lambda) {
    std::vector<double> all(index(problem_.n_customers()), 0.0);
    for (std::size_t g = 0; g < groups_.size(); ++g)
        for (const Customer i : groups_.of(g))
            if (!problem_.is_free(i)) all[index(i)] = lambda[g];
    dual_.price(std::move(all));
    run_.raise_bound(dual_.best().bound);
}

template <typename Source>
void Wide<Source>::climb() {
    dual_.climb(run_.objective());
    run_.raise_bound(dual_.best().bound);
}

/// The multipliers carried last of the groups that are left in the relaxation.
template <typename Source>
std::vector<double> Wide<Source>::first_lambda(const Relaxation& relaxation) const {
    if (dual_.lambda().empty()) return first_multipliers(relaxation, 1.3 * static_cast<double>(sites_.size()) / problem_.max_open());
    std::vector<double> lambda;
    for (const Customer g : relaxation.customer) {
        lambda.push_back(0.0);
        for (const Customer i : groups_.of(index(g))) lambda.back() = std::max(lambda.back(), dual_.lambda()[index(i)]);
    }
    return lambda;
}

/// Multipliers of all customers; who is not left in the relaxation has a site that stays open nearest.
std::vector<double> spread(const Relaxation& relaxation, const CandidateLists& lists, const std::vector<double>& of_relaxation) {
    std::vector<double> lambda(index(lists.n_customers()));
    for (Customer g = 0; g < lists.n_customers(); ++g) lambda[index(g)] = lists.of(g).empty() ? 0.0 : lists.of(g).front().cost;
    for (std::size_t k = 0; k < of_relaxation.size(); ++k) lambda[index(relaxation.customer[k])] = of_relaxation[k];
    return lambda;
}

/// Longer lists for customers who have not two open sites in theirs, and whom every move of the local search would ask otherwise.
void list_two_open(CandidateLists& lists, const std::vector<Site>& open, std::int32_t n_sites) {
    constexpr int most_times = 5;
    std::vector<std::uint8_t> is_open(index(n_sites), 0);
    for (const Site j : open) is_open[index(j)] = 1;
    const auto listed = [&](Customer i) {
        const auto list = lists.of(i);
        return std::count_if(list.begin(), list.end(), [&](const Entry& e) { return is_open[index(e.site)] != 0; });
    };
    for (Customer i = 0; i < lists.n_customers(); ++i)
        for (int times = 0; times < most_times && listed(i) < 2 && lists.extend(i); ++times) {}
}

/// Dual and local search on a sketch until the time is over, or until more sites would help more; where there is no room for them the
/// dual goes on over everything.
template <typename Source>
void Wide<Source>::search(const Problem& small) {
    Run run(small, {}, [&](const base::Progress&) { return !done(); });
    CandidateLists lists(small, list_length(small.n_sites(), small.max_open()), [&] { return done(); });
    if (done() && !run_.open().empty()) return;
    std::vector<Site> start = in_sketch(run_.open());
    if (start.empty()) {
        start = greedy(small, lists, ReverseLists(lists, small.n_sites()), [&] { return done(); });
        publish(of_sketch(start));
    }
    if (!done()) list_two_open(lists, start, small.n_sites());
    const Relaxation relaxation = relax(small, lists);
    const ReverseLists reverse(lists, small.n_sites());
    std::vector<Primal> primals;
    primals.reserve(threads_);
    for (std::size_t k = 0; k < threads_; ++k) {
        primals.emplace_back(run, small, lists, reverse, options_.seed + k);
        primals.back().begin(start);
    }
    DualAscent ascent(relaxation, first_lambda(relaxation));
    if (!dual_.lambda().empty()) ascent.restart(0.5);
    Crew crew{run, {}};
    for (std::size_t k = 1; k < threads_; ++k)
        crew.threads.emplace_back([&run, &primal = primals[k]] {
            primal.descend();
            while (!run.stopped()) primal.round();
        });
    Primal& own = primals.front();
    if (threads_ == 1) own.descend();
    const std::int64_t entries = static_cast<std::int64_t>(relaxation.entries.size()), before = dual_.work();
    double carried = -infinite_cost, published = infinite_cost;
    std::int64_t steps = 0;
    bool whole = false;  // the dual goes on over everything
    while (!done()) {
        const std::int64_t most = whole ? climbs_between_looks : steps_between_looks;
        for (std::int64_t k = 0; k < most && !done() && !run_.tick(); ++k) {
            if (whole ? !dual_.exhausted() : !ascent.exhausted()) {
                if (whole) climb();
                else ascent.step(run.objective(), infinite_cost), ++steps;
                if (threads_ > 1) continue;
            }
            // The dual has two thirds of the effort, and none where it has no more to give.
            const std::int64_t dual_work = steps * entries + dual_.work() - before;
            do own.round();
            while (own.work() < dual_work / 2 && !done());
        }
        if (run_.watch().reason() == base::StopReason::interrupted) return;
        const double began = run_.watch().seconds(), value = ascent.best().value, objective = run.objective();
        if (objective < published) publish(of_sketch(run.open()));
        published = objective;
        if (whole || value <= carried) continue;
        carry(spread(relaxation, lists, ascent.best().lambda));
        carried = value;
        look_s_ = run_.watch().seconds() - began;
        if (value - dual_.value() <= (objective - value) / 2) continue;
        if (10 * room() > 11 * sites_.size()) return;
        whole = true;
    }
}

template <typename Source>
Outcome Wide<Source>::solve() {
    dual_.price_nothing();
    run_.raise_bound(dual_.best().bound);
    groups_ = Groups<D>(problem_, source_, n_groups(), threads_);
    begin();
    first_sites();
    search(sketch());
    while (!done()) {
        more_sites();
        search(sketch());
    }
    Outcome outcome = conclude(problem_, run_, dual_.certificate());
    if (outcome.reason == base::StopReason::none) outcome.reason = base::StopReason::time_limit;
    return outcome;
}

}  // namespace

bool is_wide(const Problem& problem) {
    const bool points = std::holds_alternative<PlaneCosts>(problem.source()) || std::holds_alternative<SphereCosts>(problem.source());
    const bool median = problem.min_open() == problem.max_open();
    if (!points || !median || !problem.limits().reach.empty() || !problem.limits().first.empty()) return false;
    return problem.n_customers() * wanted_length(problem) > most_listed;
}

Outcome solve_wide(const Problem& problem, const Options& options, const SketchSize& size) {
    if (const auto* plane = std::get_if<PlaneCosts>(&problem.source())) return Wide<PlaneCosts>(problem, *plane, options, size).solve();
    return Wide<SphereCosts>(problem, std::get<SphereCosts>(problem.source()), options, size).solve();
}

}  // namespace netdesign::location
