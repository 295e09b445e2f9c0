#include "location/costs.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

namespace netdesign::location {

namespace {

template <typename... F>
struct Overload : F... {
    using F::operator()...;
};

double rounded(double distance, Rounding rounding) noexcept {
    switch (rounding) {
        case Rounding::nearest: return std::floor(distance + 0.5);
        case Rounding::floor: return std::floor(distance);
        case Rounding::ceil: return std::ceil(distance);
        case Rounding::none: break;
    }
    return distance;
}

double arc(double chord, double diameter) noexcept { return diameter * std::asin(std::min(chord / 2, 1.0)); }

template <std::size_t D>
KdTree<D> tree_of(const std::vector<std::array<double, D>>& sites, const std::vector<Site>& among) {
    std::vector<std::array<double, D>> points;
    points.reserve(among.size());
    for (const Site j : among) points.push_back(sites[index(j)]);
    return KdTree<D>(std::move(points), among);
}

/// Entries from a k-d tree query for one more than is wanted: its distance is the cap.
template <typename Points, std::size_t D>
double from_tree(const Points& s, const KdTree<D>& tree, Customer i, std::int32_t k, std::vector<Entry>& entries) {
    thread_local std::vector<typename KdTree<D>::Found> found;
    tree.nearest(s.customers[index(i)], index(k) + 1, found);
    double cap = infinite_cost;
    if (found.size() > index(k)) {
        cap = pair_cost(s, found.back().first);
        found.pop_back();
    }
    for (const auto& [squared, site] : found) entries.push_back({pair_cost(s, squared), site});
    return cap;
}

bool cheaper(const Entry& a, const Entry& b) noexcept { return a.cost != b.cost ? a.cost < b.cost : a.site < b.site; }

}  // namespace

double pair_cost(const PlaneCosts& s, double squared) noexcept { return rounded(std::sqrt(squared), s.rounding); }
double pair_cost(const SphereCosts& s, double squared) noexcept { return arc(std::sqrt(squared), s.diameter); }

std::int32_t n_customers(const CostSource& source) {
    return std::visit(Overload{[](const MatrixCosts& s) { return s.n_customers; },
                               [](const ListCosts& s) { return static_cast<std::int32_t>(s.offsets.size()) - 1; },
                               [](const auto& s) { return static_cast<std::int32_t>(s.customers.size()); }},
                      source);
}

std::int32_t n_sites(const CostSource& source) {
    return std::visit(Overload{[](const MatrixCosts& s) { return s.n_sites; }, [](const ListCosts& s) { return s.n_sites; },
                               [](const auto& s) { return static_cast<std::int32_t>(s.sites.size()); }},
                      source);
}

double cost(const CostSource& source, Customer i, Site j) {
    const auto at = index(i);
    const auto to = index(j);
    return std::visit(
        Overload{[&](const MatrixCosts& s) { return s.values[at * index(s.n_sites) + to]; },
                 [&](const PlaneCosts& s) { return pair_cost(s, KdTree<2>::squared_distance(s.customers[at], s.sites[to])); },
                 [&](const SphereCosts& s) { return pair_cost(s, KdTree<3>::squared_distance(s.customers[at], s.sites[to])); },
                 [&](const ListCosts& s) {
                     for (auto e = index(s.offsets[at]); e < index(s.offsets[at + 1]); ++e)
                         if (s.sites[e] == j) return s.costs[e];
                     return infinite_cost;
                 }},
        source);
}

std::vector<double> dearest(const CostSource& source) {
    std::vector<double> most(index(n_customers(source)), 0.0);
    std::visit(Overload{[&](const MatrixCosts& s) {
                            const auto m = index(s.n_sites);
                            for (std::size_t i = 0; i < most.size(); ++i)
                                for (const double c : s.values.subspan(i * m, m))
                                    if (c != infinite_cost) most[i] = std::max(most[i], c);
                        },
                        [&](const ListCosts& s) {
                            for (std::size_t i = 0; i < most.size(); ++i)
                                for (auto e = index(s.offsets[i]); e < index(s.offsets[i + 1]); ++e)
                                    if (s.costs[e] != infinite_cost) most[i] = std::max(most[i], s.costs[e]);
                        },
                        [&](const PlaneCosts& s) {
                            std::array<double, 2> low{infinite_cost, infinite_cost}, high{-infinite_cost, -infinite_cost};
                            for (const auto* points : {&s.customers, &s.sites})
                                for (const auto& point : *points)
                                    for (std::size_t d = 0; d < 2; ++d) {
                                        low[d] = std::min(low[d], point[d]);
                                        high[d] = std::max(high[d], point[d]);
                                    }
                            std::fill(most.begin(), most.end(), std::hypot(high[0] - low[0], high[1] - low[1]) + 1.0);
                        },
                        [&](const SphereCosts& s) { std::fill(most.begin(), most.end(), arc(2.0, s.diameter)); }},
               source);
    return most;
}

bool PairLimits::allow(Customer i, Site j, double cost) const {
    if (!reach.empty() && cost > reach[index(i)]) return false;
    if (first.empty()) return true;
    const auto* all = forbidden.data();
    return !std::binary_search(all + first[index(i)], all + first[index(i) + 1], j);
}

Nearest::Nearest(const CostSource& source, std::vector<Site> among, const PairLimits& limits)
    : source_(source), limits_(limits), among_(std::move(among)) {
    is_among_.assign(index(n_sites(source)), 0);
    for (const Site j : among_) is_among_[index(j)] = 1;
    if (const auto* plane = std::get_if<PlaneCosts>(&source)) plane_ = tree_of<2>(plane->sites, among_);
    if (const auto* sphere = std::get_if<SphereCosts>(&source)) sphere_ = tree_of<3>(sphere->sites, among_);
}

/// Forbidden sites are left out after as many more were found; beyond the reach nothing is left that could serve.
double Nearest::find(Customer i, std::int32_t k, std::vector<Entry>& entries) const {
    double cap = find_in_source(i, k + limits_.n_forbidden(i), entries);
    std::erase_if(entries, [&](const Entry& e) { return !limits_.allow(i, e.site, e.cost); });
    if (entries.size() > index(k)) {
        cap = entries[index(k)].cost;
        entries.resize(index(k));
    }
    return !limits_.reach.empty() && cap > limits_.reach[index(i)] ? infinite_cost : cap;
}

double Nearest::find_in_source(Customer i, std::int32_t k, std::vector<Entry>& entries) const {
    entries.clear();
    const auto at = index(i);
    const auto wanted = index(k);
    return std::visit(Overload{[&](const MatrixCosts& s) {
                                   const auto row = s.values.subspan(at * index(s.n_sites), index(s.n_sites));
                                   for (const Site j : among_)
                                       if (row[index(j)] != infinite_cost) entries.push_back({row[index(j)], j});
                                   double cap = infinite_cost;
                                   if (entries.size() > wanted) {
                                       std::nth_element(entries.begin(), entries.begin() + k, entries.end(), cheaper);
                                       cap = entries[wanted].cost;
                                       entries.resize(wanted);
                                   }
                                   std::sort(entries.begin(), entries.end(), cheaper);
                                   return cap;
                               },
                               [&](const ListCosts& s) {
                                   double last = infinite_cost;
                                   for (auto e = index(s.offsets[at]); e < index(s.offsets[at + 1]); ++e) {
                                       if (s.costs[e] == infinite_cost) break;
                                       last = s.costs[e];
                                       if (!is_among_[index(s.sites[e])]) continue;
                                       if (entries.size() == wanted) return s.costs[e];
                                       entries.push_back({s.costs[e], s.sites[e]});
                                   }
                                   return s.complete ? infinite_cost : last;
                               },
                               [&](const PlaneCosts& s) { return from_tree(s, plane_, i, k, entries); },
                               [&](const SphereCosts& s) { return from_tree(s, sphere_, i, k, entries); }},
                      source_);
}

}  // namespace netdesign::location
