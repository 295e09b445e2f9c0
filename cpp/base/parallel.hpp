// A loop over several threads, the caller one of them.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace netdesign::base {

/// Call body(k, worker) for k = 0 .. count - 1, each once, in the order in which workers are free; worker 0 is the
/// caller. The first exception ends the loop and is thrown again here.
template <typename Body>
void parallel_for(std::size_t threads, std::size_t count, Body body) {
    std::atomic<std::size_t> next{0};
    std::exception_ptr failure;
    std::mutex guard;
    const auto work = [&](std::size_t worker) {
        try {
            for (std::size_t k = next++; k < count; k = next++) body(k, worker);
        } catch (...) {
            next = count;
            const std::lock_guard lock(guard);
            if (!failure) failure = std::current_exception();
        }
    };
    {
        std::vector<std::jthread> others;
        for (std::size_t worker = 1; worker < threads && worker < count; ++worker) others.emplace_back(work, worker);
        work(0);
    }
    if (failure) std::rethrow_exception(failure);
}

/// The same with so many k in a row for a worker, where each alone is little work.
template <typename Body>
void parallel_for(std::size_t threads, std::size_t count, std::size_t at_once, Body body) {
    parallel_for(threads, (count + at_once - 1) / at_once, [&](std::size_t chunk, std::size_t worker) {
        for (std::size_t k = chunk * at_once; k < std::min(count, (chunk + 1) * at_once); ++k) body(k, worker);
    });
}

}  // namespace netdesign::base
