// How far a subgradient ascent goes: the size of its steps falls where the bound has not risen for a while.
#pragma once

#include <cmath>
#include <cstdint>

#include "location/problem.hpp"

namespace netdesign::location {

class StepSize {
public:
    /// A size to begin with, and after how many steps without a better bound it falls.
    StepSize(double size, std::int32_t patience) : size_(size), patience_(patience) {}

    /// Another size or patience from now on; what was counted stays.
    void set(double size) noexcept { size_ = size; }
    void set(double size, std::int32_t patience) noexcept { size_ = size, patience_ = patience; }

    /// One more step, after which the best bound is this.
    void count(double bound) noexcept {
        constexpr double least_rise = 1e-7, factor = 0.7;
        if (bound > from_ + least_rise * std::abs(bound)) {
            from_ = bound;
            stalled_ = 0;
        } else if (++stalled_ >= patience_) {
            from_ = bound;
            stalled_ = 0;
            size_ *= factor;
        }
    }

    [[nodiscard]] double operator()() const noexcept { return size_; }

private:
    double size_;
    std::int32_t patience_, stalled_ = 0;
    double from_ = -infinite_cost;  ///< the bound when steps last counted as a rise, or fell
};

}  // namespace netdesign::location
