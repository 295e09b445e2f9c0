// A tournament over sites: the smallest of many values, one of which changes at a time.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <vector>

namespace netdesign::location {

class MinTree {
public:
    explicit MinTree(std::int32_t n) : leaves_(std::bit_ceil(static_cast<std::size_t>(n < 1 ? 1 : n))), value_(2 * leaves_, infinity()) {}

    /// O(log n).
    void set(std::int32_t i, double value) noexcept {
        auto at = static_cast<std::size_t>(i) + leaves_;
        if (value_[at] == value) return;
        value_[at] = value;
        for (at /= 2; at >= 1; at /= 2) value_[at] = value_[2 * at] < value_[2 * at + 1] ? value_[2 * at] : value_[2 * at + 1];
    }

    [[nodiscard]] double min() const noexcept { return value_[1]; }

    /// Position of the minimum, the first of equals; O(log n).
    [[nodiscard]] std::int32_t argmin() const noexcept {
        std::size_t at = 1;
        while (at < leaves_) at = value_[2 * at] <= value_[2 * at + 1] ? 2 * at : 2 * at + 1;
        return static_cast<std::int32_t>(at - leaves_);
    }

private:
    static constexpr double infinity() noexcept { return std::numeric_limits<double>::infinity(); }

    std::size_t leaves_;
    std::vector<double> value_;
};

}  // namespace netdesign::location
