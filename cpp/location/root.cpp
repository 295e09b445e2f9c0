#include "location/root.hpp"

#include <algorithm>

namespace netdesign::location {

namespace {

constexpr std::int64_t report_every = 10, extend_every = 25, reduce_every = 50;
constexpr std::int64_t most_entries = 64'000'000;  // of 16 bytes: no longer lists beyond this

constexpr std::size_t coarse_from = 1'500'000;      // entries
constexpr std::int32_t coarse_ratio = 60;           // sites per open one
constexpr std::int32_t sampled_per_open = 15;
constexpr double coarse_until = 0.05;               // step size
constexpr double step_per_gap = 100.0;              // from given multipliers

/// Multipliers start at the cost of the site of this rank: where one in 1.3 times as many is open as will be.
double first_rank(const Problem& problem) {
    if (problem.min_open() != problem.max_open()) return 1.0;
    return 1.3 * static_cast<double>(problem.usable().size()) / std::max(problem.max_open(), 1);
}

}  // namespace

Root::Root(Run& run, const Problem& problem, CandidateLists lists, const std::vector<double>& lambda)
    : run_(run), problem_(problem), lists_(std::move(lists)), relaxation_(std::make_unique<Relaxation>(relax(problem, lists_))) {
    const bool long_lists = relaxation_->entries.size() > coarse_from && relaxation_->n_sites() / coarse_ratio > relaxation_->max_open;
    if (!lambda.empty()) begin(lambda);
    else if (long_lists && relaxation_->max_open > 0) begin_coarse();
    else ascent_.emplace(*relaxation_, first_multipliers(*relaxation_, first_rank(problem)));
}

/// Multipliers of a similar problem are nearly right. Lists grow at once where these press them, and the first steps are as
/// long as the gap is wide: short ones take long where the number of sites is another one, long ones lose what is known.
void Root::begin(const std::vector<double>& lambda) {
    bool any = false;
    for (Customer i = 0; i < problem_.n_customers(); ++i)
        while (lists_.extendable(i) && lambda[index(i)] >= lists_.cap(i) && lists_.n_entries() <= most_entries) any |= lists_.extend(i);
    if (any) *relaxation_ = relax(problem_, lists_);
    std::vector<double> kept;
    for (const Customer i : relaxation_->customer) kept.push_back(lambda[index(i)]);
    ascent_.emplace(*relaxation_, std::move(kept));
    if (!relaxation_->possible() || relaxation_->decided()) return;
    ascent_->step(run_.objective(), run_.cutoff());
    const double gap = 1.0 - ascent_->best().value / std::max(run_.objective(), 1e-300);
    ascent_->restart(std::clamp(step_per_gap * gap, 0.03, 1.0));
}

/// Multipliers vary little from place to place: a sample of the sites finds nearly the right ones at a fraction of the
/// cost per iteration. They start the ascent over all sites; a run that ends before has the bound that they prove there.
void Root::begin_coarse() {
    std::vector<Fix> fix(relaxation_->site.size(), Fix::closed);
    const auto stride = std::max<std::size_t>(2, fix.size() / index(sampled_per_open * relaxation_->max_open));
    for (std::size_t j = 0; j < fix.size(); j += stride) fix[j] = Fix::free;
    coarse_ = std::make_unique<Relaxation>(restrict(*relaxation_, fix));
    for (auto& by_list : coarse_->capped_by_list) by_list = 0;
    ascent_.emplace(*coarse_, first_multipliers(*coarse_, 1.3 * coarse_->n_sites() / coarse_->max_open));
}

void Root::end_coarse() {
    std::vector<double> lambda = multipliers();
    coarse_.reset();
    ascent_.emplace(*relaxation_, std::move(lambda));
    ascent_->restart(0.3);
}

void Root::step() {
    if (coarse_) {
        ascent_->step(run_.objective(), base::infinity);
        if (ascent_->step_size() < coarse_until || !coarse_->possible() || coarse_->decided()) end_coarse();
        return;
    }
    ascent_->step(run_.objective(), run_.cutoff());
    ++count_;
    if (count_ % report_every == 0) run_.raise_bound(ascent_->best().safe_value);
    if (count_ % extend_every == 0) extend();
    if (count_ % reduce_every == 0) reduce();
}

void Root::reduce() {
    if (coarse_ || (done() && !ascent_->exhausted())) return;
    run_.raise_bound(ascent_->best().safe_value);
    if (10 * ascent_->n_known() <= relaxation_->n_sites()) return;
    std::vector<double> lambda = spread();
    if (whole_) whole_lambda_ = lambda;
    whole_ = false;
    replace(restrict(*relaxation_, ascent_->known()), lambda);
}

void Root::extend() {
    if (lists_.n_entries() > most_entries) return;
    bool any = false;
    const auto& best = ascent_->best().lambda;
    for (std::size_t i = 0; i < best.size(); ++i)
        if (relaxation_->capped_by_list[i] && best[i] >= relaxation_->cap[i]) any |= lists_.extend(relaxation_->customer[i]);
    // Over again from all sites: what was known is known again a step later.
    if (any) replace(relax(problem_, lists_), spread()), whole_ = true;
}

std::vector<double> Root::multipliers() const {
    if (!coarse_) return ascent_->best().lambda;
    std::vector<double> lambda = first_multipliers(*relaxation_, first_rank(problem_));
    std::size_t at = 0;
    for (std::size_t i = 0; i < coarse_->customer.size(); ++i) {
        while (relaxation_->customer[at] != coarse_->customer[i]) ++at;
        lambda[at] = ascent_->best().lambda[i];
    }
    return lambda;
}

std::vector<double> Root::spread() const {
    std::vector<double> lambda(index(problem_.n_customers()), infinite_cost);
    const std::vector<double> of_relaxation = multipliers();
    for (std::size_t i = 0; i < of_relaxation.size(); ++i) lambda[index(relaxation_->customer[i])] = of_relaxation[i];
    const std::vector<Fix> fix = known();
    for (Customer i = 0; i < problem_.n_customers(); ++i) {
        if (lambda[index(i)] != infinite_cost) continue;
        const auto list = lists_.of(i);
        const auto open = std::find_if(list.begin(), list.end(), [&](const Entry& e) { return fix[index(e.site)] == Fix::open; });
        lambda[index(i)] = std::min(lists_.cap(i), open == list.end() ? infinite_cost : open->cost);
    }
    return lambda;
}

Certificate Root::certificate() const {
    Certificate best = certify(problem_, lists_, spread());
    if (!coarse_ && (whole_ || whole_lambda_.empty())) return best;
    Certificate other = certify(problem_, lists_, coarse_ ? cheapest_multipliers(problem_, lists_) : whole_lambda_);
    return other.bound > best.bound ? other : best;
}

void Root::replace(Relaxation next, const std::vector<double>& lambda) {
    const double step_size = ascent_->step_size();
    *relaxation_ = std::move(next);
    std::vector<double> kept;
    for (const Customer i : relaxation_->customer) kept.push_back(lambda[index(i)]);
    ascent_.emplace(*relaxation_, std::move(kept));
    ascent_->restart(step_size);
    if (relaxation_->possible() && !relaxation_->decided()) ascent_->step(run_.objective(), run_.cutoff());
}

std::vector<Fix> Root::known() const {
    std::vector<Fix> fix(index(problem_.n_sites()), Fix::closed);
    for (const Site j : relaxation_->site) fix[index(j)] = Fix::free;
    for (const Site j : relaxation_->open) fix[index(j)] = Fix::open;
    return fix;
}

std::vector<Site> Root::choice() const {
    const Relaxation& relaxation = coarse_ ? *coarse_ : *relaxation_;
    std::vector<Site> open = relaxation.open;
    for (std::size_t j = 0; j < relaxation.site.size(); ++j)
        if (ascent_->best().chosen[j]) open.push_back(relaxation.site[j]);
    return open;
}

}  // namespace netdesign::location
