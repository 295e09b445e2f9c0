#include "location/branching.hpp"

#include <algorithm>
#include <utility>

namespace netdesign::location {

namespace {

double clamped_share(const DualAscent& ascent, std::int32_t j) { return std::clamp(ascent.share()[index(j)], 1e-3, 1.0 - 1e-3); }

}  // namespace

std::vector<double> inherited(const Relaxation& parent, const std::vector<double>& lambda, const Relaxation& child) {
    std::vector<double> kept(child.customer.size());
    std::size_t from = 0;  // both list their customers in ascending order
    for (std::size_t i = 0; i < kept.size(); ++i) {
        while (parent.customer[from] != child.customer[i]) ++from;
        kept[i] = lambda[from];
    }
    return kept;
}

Branching::Branching(std::int32_t n_sites) {
    for (auto& side : gains_) side.resize(index(n_sites));
}

std::vector<std::int32_t> Branching::rank(const Relaxation& relaxation, const DualAscent& ascent) const {
    std::vector<std::pair<double, std::int32_t>> ranked;
    const std::lock_guard lock(mutex_);
    const auto mean = [](const Gains& own, const Gains& all) {
        return own.count > 0 ? own.sum / own.count : all.count > 0 ? all.sum / all.count : 1.0;
    };
    for (std::int32_t j = 0; j < relaxation.n_sites(); ++j) {
        if (ascent.known()[index(j)] != Fix::free) continue;
        const double share = clamped_share(ascent, j);
        const auto site = index(relaxation.site[index(j)]);
        const double up = mean(gains_[opened][site], all_[opened]) * (1.0 - share);
        const double down = mean(gains_[closed][site], all_[closed]) * share;
        ranked.emplace_back(-std::max(up, 1e-6) * std::max(down, 1e-6), j);
    }
    const auto count = std::min<std::size_t>(ranked.size(), n_probed);
    std::partial_sort(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(count), ranked.end());
    std::vector<std::int32_t> sites;
    for (std::size_t k = 0; k < count; ++k) sites.push_back(ranked[k].second);
    return sites;
}

Branching::Probe Branching::probe(const Relaxation& relaxation, const DualAscent& ascent, std::vector<Fix> fix, const Limits& limits) {
    const Relaxation child = restrict(relaxation, fix);
    if (!child.possible()) return {0.0, true};
    if (child.decided()) return {0.0, false};
    DualAscent trial(child, inherited(relaxation, ascent.best().lambda, child));
    trial.restart(0.4);
    for (std::int32_t k = 0; k < n_iterations && !limits.interrupted(); ++k) {
        trial.step(limits.target, limits.cutoff);
        if (trial.best().safe_value >= limits.cutoff) break;
    }
    {
        const std::lock_guard lock(mutex_);
        work_ += n_iterations * static_cast<std::int64_t>(child.entries.size());
    }
    return {std::max(0.0, trial.best().safe_value - ascent.best().safe_value), trial.best().safe_value >= limits.cutoff};
}

Branching::Choice Branching::choose(const Relaxation& relaxation, const DualAscent& ascent, const Limits& limits) {
    Choice choice;
    std::vector<Fix> known = ascent.known();
    bool any = false;
    double best = -1.0;
    for (const std::int32_t j : rank(relaxation, ascent)) {
        const auto at = index(j);
        const auto site = index(relaxation.site[at]);
        const double share = clamped_share(ascent, j);
        std::array<Probe, 2> result;
        for (const Side side : {opened, closed}) {
            const double distance = side == opened ? 1.0 - share : share;
            Gains past;
            {
                const std::lock_guard lock(mutex_);
                past = gains_[side][site];
            }
            if (past.count >= n_reliable) {
                result[side] = {past.sum / past.count * distance, false};
                continue;
            }
            auto fix = known;
            fix[at] = side == opened ? Fix::open : Fix::closed;
            result[side] = probe(relaxation, ascent, std::move(fix), limits);
            const std::lock_guard lock(mutex_);
            for (Gains* gains : {&gains_[side][site], &all_[side]}) {
                gains->sum += result[side].gain / distance;
                ++gains->count;
            }
        }
        if (limits.interrupted()) break;
        if (result[opened].dead && result[closed].dead) {
            choice.dead = true;
            return choice;
        }
        if (result[opened].dead || result[closed].dead) {
            known[at] = result[opened].dead ? Fix::closed : Fix::open;
            any = true;
            continue;
        }
        const double score = std::max(result[opened].gain, 1e-6) * std::max(result[closed].gain, 1e-6);
        if (score > best) best = score, choice.site = j;
    }
    if (any || choice.site < 0) choice.known = std::move(known);
    return choice;
}

}  // namespace netdesign::location
