// The plans of a genetic search: those that keep capacity and those that do not, each ranked by cost and by how much they
// differ from the others (Vidal, Crainic, Gendreau, Lahrichi and Rei 2012, sections 4.4 and 4.6).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/random.hpp"
#include "routing/plan.hpp"

namespace netdesign::routing {

/// A plan that serves everybody, with vehicles that are all alike.
struct Individual {
    std::vector<PlannedRoute> routes;
    Total cost = 0;    ///< of the routes
    Total excess = 0;  ///< load beyond capacity, all routes together
};

class Population {
public:
    /// Locations 0 .. `size` - 1, the depot first.
    explicit Population(std::int32_t size) : size_(size) {}

    /// Take a plan in; where its group has become too large, the worst of the group go. O(group * size).
    void add(Individual individual);
    /// One of two plans drawn from both groups: the one that ranks better.
    [[nodiscard]] const Individual& pick(base::Random& random);
    /// What a unit of excess costs from now on, in 1/price_scale of the unit of costs.
    void price_overload(Total price);
    [[nodiscard]] std::size_t count() const noexcept { return groups_[0].size() + groups_[1].size(); }
    void clear();

private:
    static constexpr std::size_t smallest = 25, largest = smallest + 40;  ///< a group grows from the one to the other
    static constexpr std::size_t elite = 4;                               ///< so many of the cheapest stay whatever they are like
    static constexpr std::size_t near = 5;                                ///< a plan's contribution to diversity: its distance to so many

    struct Member {
        Individual plan;
        std::vector<Location> before, after;  ///< by customer
        std::vector<double> distances;        ///< to the members of the group, in their order
        double rank = 0.0;                    ///< low is good
    };
    using Group = std::vector<Member>;

    [[nodiscard]] double penalized(const Individual& plan) const noexcept;
    [[nodiscard]] double distance(const Member& a, const Member& b) const noexcept;
    void rank(Group& group);
    void remove_worst(Group& group);
    static void remove(Group& group, std::size_t k);

    std::int32_t size_;
    Total price_ = 0;
    std::array<Group, 2> groups_;  ///< within capacity; beyond it
};

}  // namespace netdesign::routing
