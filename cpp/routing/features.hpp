// What a problem has, known when the search is compiled: what it lacks is not in the structs and not in the code.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "routing/problem.hpp"

namespace netdesign::routing {

template <bool TimeWindows, int Dimensions, bool Rich>
struct Features {
    static constexpr bool timed = TimeWindows;
    static constexpr int dimensions = Dimensions;
    static constexpr bool rich = Rich;  ///< several depots or types, limits on routes, open ends
};

/// Load in every dimension.
template <int Dimensions>
struct Load {
    std::array<std::int32_t, Dimensions> amount{};

    Load& operator+=(const Load& other) noexcept {
        for (int k = 0; k < Dimensions; ++k) amount[k] += other.amount[k];
        return *this;
    }
    Load& operator-=(const Load& other) noexcept {
        for (int k = 0; k < Dimensions; ++k) amount[k] -= other.amount[k];
        return *this;
    }
    friend Load operator+(Load a, const Load& b) noexcept { return a += b; }
    friend Load operator-(Load a, const Load& b) noexcept { return a -= b; }
    /// What goes beyond a capacity, all dimensions together.
    [[nodiscard]] std::int32_t beyond(const Load& capacity) const noexcept {
        std::int32_t excess = 0;
        for (int k = 0; k < Dimensions; ++k) excess += std::max(amount[k] - capacity.amount[k], 0);
        return excess;
    }
    [[nodiscard]] bool fits(const Load& capacity) const noexcept {
        bool ok = true;
        for (int k = 0; k < Dimensions; ++k) ok &= amount[k] <= capacity.amount[k];
        return ok;
    }
};

/// Everything that matters of a sequence of visits when its inside is settled: how long it takes at least, between which times
/// it has to begin for that, and how far it misses its windows: who comes too late goes back in time and pays for it (time warp;
/// Vidal et al. 2013, section 4. Here `duration` is what the clock shows, with the way back taken off).
struct Span {
    Time duration = 0, earliest = 0, latest = 0;
    Time late = 0;

    friend bool operator==(const Span&, const Span&) = default;

    /// Let another sequence follow after `way`.
    [[gnu::always_inline]] void append(const Span& next, Time way) noexcept {
        const Time delta = duration + way;
        const Time warp = std::max(earliest + delta - next.latest, 0);
        const Time wait = std::max(next.earliest - delta - latest, 0);
        duration = delta + next.duration + wait - warp;
        earliest = std::max(next.earliest - delta, earliest) - wait;
        latest = std::min(next.latest - delta, latest) + warp;
        late = add_times(late, add_times(next.late, warp));
    }

private:
    static Time add_times(Time a, Time b) noexcept { return a < no_deadline - b ? a + b : no_deadline; }
};

struct Untimed {};

/// Of a visit where routes have no limits of their own.
struct PlainTimes {
    Time early = 0;  ///< earliest start of service, given the route before it
    Time late = 0;   ///< latest start of service that keeps the rest of the route on time
};

/// Of a visit where the duration of a route matters.
struct RichTimes {
    Span upto, from;  ///< the route up to the start of service here, and from then on
};

template <typename F>
using Times = std::conditional_t<!F::timed, Untimed, std::conditional_t<F::rich, RichTimes, PlainTimes>>;

/// The clock of a vehicle on its way: when service starts at the visit it has come to.
template <typename F>
using Clock = std::conditional_t<F::rich, Span, Time>;

/// What an edit does to the arcs of one route: money in a plain problem.
struct PlainChange {
    Total money = 0;
};

/// In a rich problem the route's vehicle makes money of it (State::price).
struct RichChange {
    Total distance = 0, time = 0;
    std::int32_t ends = 0;  ///< arcs from and to depots: half a vehicle each
};

template <typename F>
using Change = std::conditional_t<F::rich, RichChange, PlainChange>;

}  // namespace netdesign::routing
