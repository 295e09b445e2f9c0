// Routes that good plans were made of. A plan may be better than all the plans its routes come from: choosing among the
// pool a set of routes that serves everybody once is a set partitioning problem (Foster and Ryan 1976; in a search by
// iterated local search: Subramanian, Uchoa and Ochi 2013), which somebody else solves.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <unordered_map>
#include <vector>

#include "routing/plan.hpp"

namespace netdesign::routing {

class RoutePool {
public:
    struct Entry {
        PlannedRoute route;
        Total cost = 0;
    };

    /// Keep a route, unless the same customers are already served as cheaply by the same type. O(length).
    void add(std::int32_t type, std::span<const Location> visits, Total cost) {
        std::uint64_t key = mix(static_cast<std::uint64_t>(type) + 1);
        for (const Location c : visits) key ^= mix(static_cast<std::uint64_t>(c) << 20);
        const auto [known, fresh] = index_.try_emplace(key, entries_.size());
        if (fresh) {
            if (entries_.size() == capacity) return forget_all_but(type, visits, cost, key);
            entries_.push_back({{type, {visits.begin(), visits.end()}}, cost});
        } else if (Entry& entry = entries_[known->second]; cost < entry.cost) {
            entry = {{type, {visits.begin(), visits.end()}}, cost};
        }
    }

    void merge(const RoutePool& other) {
        for (const Entry& entry : other.entries_) add(entry.route.type, entry.route.visits, entry.cost);
    }

    [[nodiscard]] std::span<const Entry> entries() const noexcept { return entries_; }

private:
    static constexpr std::size_t capacity = 16384;

    /// A full pool begins anew: what still is any good comes back soon.
    void forget_all_but(std::int32_t type, std::span<const Location> visits, Total cost, std::uint64_t key) {
        entries_.assign(1, {{type, {visits.begin(), visits.end()}}, cost});
        index_.clear();
        index_.emplace(key, 0);
    }

    /// SplitMix64 (Steele, Lea and Flood 2014): sets of customers have keys that are sums of well mixed bits.
    static std::uint64_t mix(std::uint64_t x) noexcept {
        x += 0x9e3779b97f4a7c15ULL;
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
        x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
        return x ^ (x >> 31);
    }

    std::vector<Entry> entries_;
    std::unordered_map<std::uint64_t, std::size_t> index_;
};

/// Chooses entries of a pool that serve every customer once at the least cost, within so many seconds; none where it
/// finds nothing.
using Recombine = std::function<std::vector<std::int32_t>(std::span<const RoutePool::Entry>, double)>;

}  // namespace netdesign::routing
