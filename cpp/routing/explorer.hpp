// What an island holds: something that looks for better plans, a leg at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "routing/plan.hpp"
#include "routing/search.hpp"

namespace netdesign::routing {

/// So many iterations at one temperature; none at all ends the run.
struct Leg {
    double temperature = 0.0;
    std::int64_t iterations = 0;
};

inline constexpr std::int64_t leg_length = 64;

/// Asked for the next leg after every one.
using Pace = std::function<Leg()>;

class Explorer {
public:
    virtual ~Explorer() = default;

    /// Start from given routes, or from a construction where there are none.
    virtual void begin(std::span<const PlannedRoute> start) = 0;
    /// Local search with all moves on everybody.
    virtual void polish() = 0;
    /// Go on as long as `pace` gives legs.
    virtual void run(const Pace& pace) = 0;
    /// Go on from another plan, or with it.
    virtual void adopt(const Plan& plan) = 0;

    [[nodiscard]] virtual Total best_cost() const noexcept = 0;
    [[nodiscard]] virtual std::size_t best_unserved() const noexcept = 0;
    [[nodiscard]] virtual std::int32_t used_routes() const noexcept = 0;
    [[nodiscard]] virtual Plan best() const = 0;
    [[nodiscard]] virtual OperatorCounts improvements() const noexcept = 0;
};

}  // namespace netdesign::routing
