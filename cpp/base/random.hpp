// Pseudo-random numbers: xoshiro256++ seeded by splitmix64 (Blackman and Vigna, "Scrambled linear
// pseudorandom number generators", ACM TOMS 47, 2021). The same seed gives the same stream everywhere;
// the distributions of <random> do not promise that, so the few that are needed stand here.
#pragma once

#include <cassert>
#include <cmath>
#include <cstdint>
#include <span>
#include <utility>

namespace netdesign::base {

class Random {
public:
    explicit Random(std::uint64_t seed) noexcept {
        for (auto& word : state_) {
            seed += 0x9e3779b97f4a7c15ULL;
            std::uint64_t z = seed;
            z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
            z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
            word = z ^ (z >> 31);
        }
    }

    std::uint64_t next() noexcept {
        const std::uint64_t result = rotate(state_[0] + state_[3], 23) + state_[0];
        const std::uint64_t t = state_[1] << 17;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= t;
        state_[3] = rotate(state_[3], 45);
        return result;
    }

    /// Uniform integer in [0, bound); the bias of the multiply-shift is below bound / 2^32.
    std::int32_t below(std::int32_t bound) noexcept {
        assert(bound > 0);
        return static_cast<std::int32_t>(((next() >> 32) * static_cast<std::uint64_t>(bound)) >> 32);
    }

    /// Uniform integer in [low, high].
    std::int32_t between(std::int32_t low, std::int32_t high) noexcept { return low + below(high - low + 1); }

    /// Uniform real in [0, 1).
    double unit() noexcept { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

    /// Uniform real in (0, 1], safe under a logarithm.
    double positive_unit() noexcept { return static_cast<double>((next() >> 11) + 1) * 0x1.0p-53; }

    template <typename T>
    void shuffle(std::span<T> values) noexcept {
        for (std::size_t i = values.size(); i > 1; --i)
            std::swap(values[i - 1], values[static_cast<std::size_t>(below(static_cast<std::int32_t>(i)))]);
    }

private:
    static constexpr std::uint64_t rotate(std::uint64_t x, int k) noexcept { return (x << k) | (x >> (64 - k)); }

    std::uint64_t state_[4];
};

}  // namespace netdesign::base
