// The 0-1 knapsack: which whole items to pack.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace netdesign::location {

struct Packing {
    double bound = 0.0;         ///< no packing is worth more
    std::vector<double> taken;  ///< per item 0 or 1; where the search was given up, parts of an item are possible
};

/// The most valuable packing of items sorted by rate (worth per unit of weight), descending, by depth-first branch and
/// bound (Horowitz and Sahni 1974). After `most_nodes` it is given up for its linear relaxation.
void pack(std::span<const double> rate, std::span<const double> weight, double capacity, std::int32_t most_nodes, Packing& packing);

/// The linear relaxation: whole items in order, and the part of the next that fits. Returns its worth. O(items).
double pack_in_parts(std::span<const double> rate, std::span<const double> weight, double capacity, std::vector<double>& taken);

}  // namespace netdesign::location
