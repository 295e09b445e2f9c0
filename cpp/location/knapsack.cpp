#include "location/knapsack.hpp"

#include <algorithm>

namespace netdesign::location {

namespace {

/// The depth-first search, most valuable items first.
class Search {
public:
    Search(std::span<const double> rate, std::span<const double> weight, std::int32_t most_nodes)
        : rate_(rate), weight_(weight), nodes_left_(most_nodes), packed_(rate.size(), 0), best_packed_(rate.size(), 0) {}

    /// False where it was given up.
    bool run(double capacity) {
        descend(0, capacity, 0.0);
        return nodes_left_ > 0;
    }

    [[nodiscard]] double best() const noexcept { return best_; }
    [[nodiscard]] const std::vector<std::uint8_t>& best_packed() const noexcept { return best_packed_; }

private:
    void descend(std::size_t from, double room, double worth) {
        if (--nodes_left_ <= 0) return;
        // Pack on while items fit; every item packed may have to be left out later.
        std::size_t k = from;
        for (; k < rate_.size() && weight_[k] <= room; ++k) {
            packed_[k] = 1;
            room -= weight_[k];
            worth += rate_[k] * weight_[k];
        }
        if (worth > best_) {
            best_ = worth;
            best_packed_ = packed_;
        }
        // Without item k: the first that does not fit.
        if (k < rate_.size() && worth + relaxed(k + 1, room) > best_) descend(k + 1, room, worth);
        while (k-- > from) {
            packed_[k] = 0;
            room += weight_[k];
            worth -= rate_[k] * weight_[k];
            if (nodes_left_ > 0 && worth + relaxed(k + 1, room) > best_) descend(k + 1, room, worth);
        }
    }

    /// What the items from k on can add at most.
    [[nodiscard]] double relaxed(std::size_t k, double room) const noexcept {
        double worth = 0.0;
        for (; k < rate_.size(); ++k) {
            if (weight_[k] > room) return worth + rate_[k] * room;
            room -= weight_[k];
            worth += rate_[k] * weight_[k];
        }
        return worth;
    }

    std::span<const double> rate_, weight_;
    std::int32_t nodes_left_;
    std::vector<std::uint8_t> packed_, best_packed_;
    double best_ = 0.0;
};

}  // namespace

void pack(std::span<const double> rate, std::span<const double> weight, double capacity, std::int32_t most_nodes, Packing& packing) {
    packing.bound = pack_in_parts(rate, weight, capacity, packing.taken);
    const bool whole = std::ranges::all_of(packing.taken, [](double part) { return part == 0.0 || part == 1.0; });
    if (whole) return;
    Search search(rate, weight, most_nodes);
    if (!search.run(capacity)) return;
    packing.bound = search.best();
    packing.taken.assign(search.best_packed().begin(), search.best_packed().end());
}

double pack_in_parts(std::span<const double> rate, std::span<const double> weight, double capacity, std::vector<double>& taken) {
    taken.assign(rate.size(), 0.0);
    double room = capacity, worth = 0.0;
    for (std::size_t k = 0; k < rate.size() && room > 0; ++k) {
        taken[k] = weight[k] <= room ? 1.0 : room / weight[k];
        const double packed = std::min(weight[k], room);
        worth += rate[k] * packed;
        room -= packed;
    }
    return worth;
}

}  // namespace netdesign::location
