// A few lines of our own instead of a framework to download: statements that count their failures.
//
//     int main() {
//         test("a closed route costs its arcs", [] { expect_equal(cost(route), 12); });
//         return summary();
//     }
#pragma once

#include <cmath>
#include <cstdio>
#include <exception>
#include <iostream>
#include <source_location>
#include <string_view>

namespace netdesign::tests {

struct Tally {
    int passed = 0, failed = 0;
    bool current_ok = true;
};

inline Tally& tally() {
    static Tally instance;
    return instance;
}

inline void expect(bool holds, std::source_location at = std::source_location::current()) {
    if (holds) return;
    tally().current_ok = false;
    std::cerr << at.file_name() << ':' << at.line() << ": expectation does not hold\n";
}

template <typename A, typename B>
void expect_equal(const A& got, const B& expected, std::source_location at = std::source_location::current()) {
    if (got == expected) return;
    tally().current_ok = false;
    std::cerr << at.file_name() << ':' << at.line() << ": got " << got << ", expected " << expected << '\n';
}

inline void expect_near(double got, double expected, double tolerance,
                        std::source_location at = std::source_location::current()) {
    if (std::abs(got - expected) <= tolerance) return;
    tally().current_ok = false;
    std::cerr << at.file_name() << ':' << at.line() << ": got " << got << ", expected " << expected << " +- " << tolerance << '\n';
}

template <typename Body>
void test(std::string_view name, Body body) {
    tally().current_ok = true;
    try {
        body();
    } catch (const std::exception& error) {
        tally().current_ok = false;
        std::cerr << "exception: " << error.what() << '\n';
    }
    std::cout << (tally().current_ok ? "ok   " : "FAIL ") << name << '\n';
    ++(tally().current_ok ? tally().passed : tally().failed);
}

/// Exit code of a test program.
inline int summary() {
    std::cout << tally().passed << " passed, " << tally().failed << " failed\n";
    return tally().failed == 0 && tally().passed > 0 ? 0 : 1;
}

}  // namespace netdesign::tests
