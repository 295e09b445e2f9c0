#include <chrono>
#include <cstdint>
#include <thread>
#include <utility>
#include <vector>

#include "base/stop.hpp"
#include "expect.hpp"

using namespace netdesign::base;
using namespace netdesign::tests;

namespace {

/// Iterations until the watch says stop, or the limit of the test.
std::int64_t run(Watch& watch, std::int64_t at_most = 1'000'000) {
    std::int64_t done = 0;
    while (done < at_most && !watch.should_stop()) ++done;
    return done;
}

void sleep_ms(int duration) { std::this_thread::sleep_for(std::chrono::milliseconds(duration)); }

void the_limits() {
    test("without limits nothing stops", [] {
        Watch watch{StopRule{}};
        expect_equal(run(watch, 10'000), 10'000);
        expect(watch.reason() == StopReason::none);
    });
    test("a limit of iterations is met exactly", [] {
        Watch watch{StopRule{.max_iterations = 123}};
        expect_equal(run(watch), 123);
        expect(watch.reason() == StopReason::iteration_limit);
        expect_equal(watch.now().iterations, 123);
    });
    test("a limit of no iterations allows none", [] {
        Watch watch{StopRule{.max_iterations = 0}};
        expect_equal(run(watch), 0);
        expect(watch.reason() == StopReason::iteration_limit);
    });
    test("the clock ends a run, not before its time", [] {
        Watch watch{StopRule{.time_limit_s = 0.02}};
        while (!watch.should_stop()) expect(watch.seconds() < 60);
        expect(watch.reason() == StopReason::time_limit);
        expect(watch.seconds() >= 0.02);
    });
    test("with a stride the clock is read at every so many iterations only", [] {
        Watch at_once{StopRule{.time_limit_s = 0.0}, {}, 100};
        expect_equal(run(at_once), 0);  // the first look is before the first iteration
        Watch later{StopRule{.time_limit_s = 0.3}, {}, 100};
        expect_equal(run(later, 1), 1);
        sleep_ms(310);
        expect_equal(run(later), 99);
        expect(later.reason() == StopReason::time_limit);
    });
    test("no improvement is counted from the last better incumbent", [] {
        Watch watch{StopRule{.no_improvement = 10}};
        expect_equal(run(watch, 7), 7);
        watch.improve(100, -infinity);
        expect_equal(run(watch), 10);
        expect(watch.reason() == StopReason::no_improvement);
    });
    test("a better bound is no better incumbent", [] {
        Watch watch{StopRule{.no_improvement = 10}};
        watch.improve(100, 0);
        expect_equal(run(watch, 5), 5);
        watch.improve(100, 50);
        expect_equal(run(watch), 5);
    });
    test("the first reason stays", [] {
        Watch watch{StopRule{.max_iterations = 3}};
        run(watch);
        watch.look_up();
        expect(watch.should_stop());
        expect(watch.reason() == StopReason::iteration_limit);
    });
}

void the_quality() {
    test("a bound that meets the incumbent ends the run", [] {
        Watch watch{StopRule{}};
        watch.improve(100, 90);
        expect(!watch.should_stop());
        watch.improve(100, 100);
        expect(watch.should_stop());
        expect(watch.reason() == StopReason::gap);
    });
    test("a gap that is small enough ends the run, a larger one does not", [] {
        Watch watch{StopRule{.gap = 0.05}};
        watch.improve(100, 94);
        expect(!watch.should_stop());
        watch.improve(100, 95);
        expect(watch.should_stop());
        expect(watch.reason() == StopReason::gap);
    });
    test("a target ends the run", [] {
        Watch watch{StopRule{.target = 80}};
        watch.improve(81, 0);
        expect(!watch.should_stop());
        watch.improve(80, 0);
        expect(watch.should_stop());
        expect(watch.reason() == StopReason::target);
    });
    test("gaps are relative to the incumbent, whatever its sign", [] {
        expect_near(relative_gap(100, 90), 0.1, 1e-15);
        expect_near(relative_gap(-90, -99), 0.1, 1e-15);
        expect_equal(relative_gap(0, 0), 0.0);
        expect_equal(relative_gap(0, -1), infinity);
        expect_equal(relative_gap(infinity, 0), infinity);
        expect_equal(relative_gap(5, -infinity), infinity);
    });
}

void the_monitor() {
    test("a monitor that returns false interrupts", [] {
        int calls = 0;
        Watch watch{StopRule{}, [&](const Progress&) { return ++calls < 2; }};
        while (watch.seconds() < 5 && !watch.should_stop()) sleep_ms(1);
        expect(watch.reason() == StopReason::interrupted);
        expect_equal(calls, 2);
    });
    test("a monitor sees the incumbent, the bound and the time", [] {
        Progress seen;
        Watch watch{StopRule{}, [&](const Progress& now) {
                        seen = now;
                        return true;
                    }};
        watch.improve(42, 7);
        run(watch, 3);
        sleep_ms(60);
        watch.look_up();
        expect_equal(seen.objective, 42.0);
        expect_equal(seen.bound, 7.0);
        expect_equal(seen.iterations, 3);
        expect(seen.seconds >= 0.06);
    });
}

void the_trace() {
    test("the trace improves from row to row", [] {
        Watch watch{StopRule{}};
        for (const auto& [objective, bound] : std::vector<std::pair<double, double>>{{90, 1}, {95, 2}, {80, 0}, {80, 2}}) {
            run(watch, 1);
            watch.improve(objective, bound);
            sleep_ms(12);  // past the resolution of the trace
        }
        const auto& trace = watch.trace();
        expect_equal(trace.size(), std::size_t{3});  // the last call brought nothing new
        if (trace.size() != 3) return;
        expect_equal(trace[0].objective, 90.0);
        expect_equal(trace[1].objective, 90.0);
        expect_equal(trace[1].bound, 2.0);
        expect_equal(trace[2].objective, 80.0);
        expect_equal(trace[2].bound, 2.0);
        for (std::size_t k = 1; k < trace.size(); ++k) {
            expect(trace[k].seconds >= trace[k - 1].seconds);
            expect(trace[k].iterations > trace[k - 1].iterations);
        }
    });
    test("a burst of improvements becomes one row that holds the last of them", [] {
        Watch watch{StopRule{}};
        for (int k = 0; k < 1000; ++k) watch.improve(1000 - k, -infinity);
        expect(watch.trace().size() < 500);
        expect_equal(watch.trace().front().objective, 1000.0);
        expect_equal(watch.trace().back().objective, 1.0);
    });
    test("the share of the run that is over follows the limit of iterations", [] {
        Watch watch{StopRule{.time_limit_s = 1e-9, .max_iterations = 4}};
        expect_equal(watch.elapsed_share(), 0.0);
        Watch counted{StopRule{.max_iterations = 4}};
        run(counted, 3);
        expect_equal(counted.elapsed_share(), 0.5);  // as it was when the third iteration began
        run(counted);
        expect_equal(counted.elapsed_share(), 1.0);
    });
    test("the share of the run that is over follows the clock where iterations have no limit", [] {
        Watch watch{StopRule{.time_limit_s = 3600}};
        run(watch, 1);
        expect(watch.elapsed_share() < 0.01);
        Watch over{StopRule{.time_limit_s = 0.001}};
        sleep_ms(3);
        run(over);
        expect_equal(over.elapsed_share(), 1.0);
    });
}

}  // namespace

int main() {
    the_limits();
    the_quality();
    the_monitor();
    the_trace();
    return summary();
}
