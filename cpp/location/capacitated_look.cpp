#include "location/capacitated_look.hpp"

#include <algorithm>
#include <cmath>

#include "location/assignment.hpp"

namespace netdesign::location {

namespace {

constexpr std::int32_t steps_per_node = 30, steps_per_probe = 8;
constexpr std::size_t n_probed = 6;  // sites looked at per node
constexpr std::int32_t sweeps_settled = 300, sweeps_else = 100, sweeps_on = 2000;
constexpr double pairs_per_move = 16.0;  // of a walk: how dear a move is

/// A number of a set of sites that hardly another set has.
std::uint64_t name_of(const Residual& part, const std::vector<Choice>& choice) {
    std::uint64_t name = 0;
    for (std::size_t k = 0; k < choice.size(); ++k)
        if (choice[k] != Choice::left) name ^= base::Random(index(part.site[k])).next();
    return name;
}

/// Everybody at one of the sites that were not left, those whom the dual is sure of first, where the dual had them most and
/// there is room. Sites count from 0 among those that were not left.
std::vector<Site> assign_as_dual(const Residual& part, const CapacitatedDual& dual, const std::vector<Choice>& choice) {
    std::vector<Site> at(choice.size(), -1), assignment(part.weight.size(), -1);
    std::vector<double> room;
    for (std::size_t k = 0; k < choice.size(); ++k)
        if (choice[k] != Choice::left) at[k] = static_cast<Site>(room.size()), room.push_back(part.capacity[k]);
    const auto entries = [&](Customer i) { return std::pair(static_cast<std::size_t>(part.first[index(i)]), static_cast<std::size_t>(part.first[index(i) + 1])); };
    std::vector<std::pair<double, Customer>> order;
    for (Customer i = 0; i < part.n_customers(); ++i) {
        double most = 0.0;
        const auto [begin, end] = entries(i);
        for (std::size_t e = begin; e < end; ++e) most = std::max(most, dual.used(e));
        order.emplace_back(-most * part.weight[index(i)], i);
    }
    std::sort(order.begin(), order.end());
    for (const auto& [sure, i] : order) {
        const double weight = part.weight[index(i)];
        double best = -1.0;
        const auto [begin, end] = entries(i);
        for (std::size_t e = begin; e < end; ++e) {
            const Site k = at[index(part.entries[e].site)];
            if (k < 0) continue;
            const double worth = dual.used(e) + (room[index(k)] >= weight ? 2.0 : 0.0);
            if (worth > best) best = worth, assignment[index(i)] = k;
        }
        room[index(assignment[index(i)])] -= weight;
    }
    return assignment;
}

}  // namespace

void CapacitatedLook::keep(Node node) {
    if (node.bound >= outlook_.cutoff) cut = true;
    else open.push_back(std::move(node));
}

void CapacitatedLook::explore(Node node) {
    const Residual here = part(node);
    if (!possible(here, node)) return;
    CapacitatedDual dual(here, node.lambda);
    const bool in_parts = !root_.single_source;
    if (in_parts && std::ranges::all_of(here.forced, [](auto forced) { return forced != 0; })) {
        dual.step();
        return try_sites(here, dual);  // exact: nothing else is left
    }
    work += steps_per_node * static_cast<double>(here.entries.size());
    if (ascend(dual, node, steps_per_node, true)) return;
    if (outlook_.interrupted()) return keep(std::move(node));
    try_sites(here, dual);
    node.lambda = dual.lambda();
    node.value = dual.bound();
    node.bound = std::max(node.bound, dual.bound());
    if (node.bound >= outlook_.cutoff) return keep(std::move(node));
    settle_sites(node, here, dual);
    ++node.depth;
    if (branch_on_site(node, here, dual)) return;
    if (in_parts) keep(std::move(node));
    else branch_on_customer(node, here, dual);
}

/// What the node leaves, without the pairs that cost too much at its multipliers; of a customer in parts little may be there.
Residual CapacitatedLook::part(const Node& node) {
    Residual out = restrict(root_, node.sites, node.given);
    if (!out.single_source) return out;
    const double slack = outlook_.cutoff - node.value;
    std::size_t kept = 0;
    for (std::size_t i = 0, e = 0; i < out.weight.size(); ++i) {
        for (const auto end = static_cast<std::size_t>(out.first[i + 1]); e < end; ++e) {
            if (out.weight[i] * (out.entries[e].cost - node.lambda[i]) < slack) out.entries[kept++] = out.entries[e];
            else cut = true;
        }
        out.first[i + 1] = static_cast<std::int64_t>(kept);
    }
    out.entries.resize(kept);
    return out;
}

bool CapacitatedLook::possible(const Residual& part, const Node& node) const {
    double room = 0.0;
    for (const double capacity : part.capacity) room += capacity;
    if (room < part.demand * (1 - 1e-12)) return false;
    for (Customer i = 0; i < part.n_customers(); ++i)
        if (part.of(i).empty()) return false;
    std::vector<double> load(root_.site.size(), 0.0);
    for (const auto& [i, j] : node.given)
        if ((load[index(j)] += root_.weight[index(i)]) > root_.capacity[index(j)] * (1 + 1e-12)) return false;
    return true;
}

/// True where the bound reaches the cutoff.
bool CapacitatedLook::ascend(CapacitatedDual& dual, const Node& node, std::int32_t steps, bool averages) {
    const double open = std::min(outlook_.cutoff, outlook_.dear) - node.bound;
    dual.demand_whole_sites();
    dual.aim(std::clamp(open / std::max(std::abs(node.bound), 1e-9), 1e-4, 0.02), outlook_.cutoff + 0.2 * open, 6);
    for (std::int32_t k = 0; k < steps; ++k) {
        if (averages && k == steps / 2) dual.begin_average();
        dual.step();
        if (dual.bound() >= outlook_.cutoff) return cut = true;
        if (outlook_.interrupted()) return false;
    }
    return false;
}

/// Fixes sites that cannot be otherwise in anything better.
void CapacitatedLook::settle_sites(Node& node, const Residual& part, const CapacitatedDual& dual) {
    for (std::size_t k = 0; k < part.site.size(); ++k) {
        Choice& choice = node.sites[index(part.site[k])];
        const double rise = dual.reduced_cost()[k];
        if (choice != Choice::open_to_choice || part.forced[k] != 0 || dual.bound() + std::abs(rise) < outlook_.cutoff) continue;
        choice = rise > 0 ? Choice::left : Choice::taken;
        cut = true;
    }
}

/// Sites that are not settled, those first that the dual opens half of the time and that add least.
std::vector<std::size_t> CapacitatedLook::rank_sites(const Node& node, const Residual& part, const CapacitatedDual& dual) const {
    std::vector<std::pair<double, std::size_t>> ranked;
    const double open = std::min(outlook_.cutoff, outlook_.dear) - dual.bound();
    for (std::size_t k = 0; k < part.site.size(); ++k) {
        if (node.sites[index(part.site[k])] != Choice::open_to_choice || part.forced[k] != 0) continue;
        const double share = dual.opened(k);
        ranked.emplace_back(1e-3 * std::abs(dual.reduced_cost()[k]) / open - std::min(share, 1 - share), k);
    }
    std::sort(ranked.begin(), ranked.end());
    ranked.resize(std::min(ranked.size(), n_probed));
    std::vector<std::size_t> sites;
    for (const auto& [rank, k] : ranked) sites.push_back(k);
    return sites;
}

/// Strong branching as in branching.hpp. False where all sites are settled.
bool CapacitatedLook::branch_on_site(Node& node, const Residual& part, const CapacitatedDual& dual) {
    std::size_t chosen = root_.site.size();
    double best = -1.0;
    for (const std::size_t k : rank_sites(node, part, dual)) {
        const auto j = index(part.site[k]);
        const double open = gain(node, j, opened), close = gain(node, j, closed);
        if (outlook_.interrupted()) return keep(std::move(node)), true;
        if (open == infinite_cost || close == infinite_cost) {
            // It can have one state only, or none at all, which the next look at the node finds.
            node.sites[j] = open == infinite_cost ? Choice::left : Choice::taken;
            return keep(std::move(node)), true;
        }
        const double score = std::max(open, 1e-6) * std::max(close, 1e-6);
        if (score > best) best = score, chosen = j;
    }
    if (best < 0) return false;
    for (const Choice choice : {Choice::taken, Choice::left}) {
        Node child = node;
        child.sites[chosen] = choice;
        keep(std::move(child));
    }
    return true;
}

/// What the bound rises by where the site opens or closes, as far as known; infinite where that cannot be.
double CapacitatedLook::gain(const Node& node, std::size_t site, Side side) {
    if (const double usual = outlook_.usual_gain(site, side); usual >= 0) return usual;
    Node child = node;
    child.sites[site] = side == opened ? Choice::taken : Choice::left;
    const Residual there = part(child);
    if (!possible(there, child)) return infinite_cost;
    CapacitatedDual dual(there, child.lambda);
    work += steps_per_probe * static_cast<double>(there.entries.size());
    if (ascend(dual, child, steps_per_probe, false)) return infinite_cost;
    const double rise = std::max(0.0, dual.bound() - node.value);
    gains.push_back({site, side, rise});
    return rise;
}

/// The customer whom the dual serves least from one site and once, by weight; -1 where all have one site left.
Customer CapacitatedLook::most_divided(const Residual& part, const CapacitatedDual& dual) const {
    Customer chosen = -1;
    double best = -1.0;
    for (Customer i = 0; i < part.n_customers(); ++i) {
        if (part.of(i).size() < 2 || part.weight[index(i)] == 0) continue;
        double most = 0.0, sum = 0.0;
        for (auto e = static_cast<std::size_t>(part.first[index(i)]); e < static_cast<std::size_t>(part.first[index(i) + 1]); ++e) {
            most = std::max(most, dual.used(e));
            sum += dual.used(e);
        }
        const double score = (1e-3 + std::min(1.0, std::abs(1.0 - most) + std::abs(1.0 - sum))) * part.weight[index(i)];
        if (score > best) best = score, chosen = i;
    }
    return chosen;
}

/// One customer goes to each of the sites left to it. Where all have one site left, that is a solution if it has room.
void CapacitatedLook::branch_on_customer(const Node& node, const Residual& part, const CapacitatedDual& dual) {
    const Customer chosen = most_divided(part, dual);
    if (chosen < 0) {
        CapacitatedSolution found;
        for (Customer i = 0; i < part.n_customers(); ++i) found.parts.push_back({i, part.site[index(part.of(i).front().site)], 1.0});
        return solutions.push_back(std::move(found));
    }
    for (const auto& [cost, k] : part.of(chosen)) {
        Node child = node;
        child.bound = std::max(node.bound, dual.bound() + std::max(0.0, part.weight[index(chosen)] * (cost - dual.lambda()[index(chosen)])));
        child.given.emplace_back(chosen, part.site[index(k)]);
        keep(std::move(child));
    }
}
/// A solution from the sites that the dual opened last; of whole customers again and again where all are settled.
void CapacitatedLook::try_sites(const Residual& part, CapacitatedDual& dual) {
    std::vector<Choice> choice(part.site.size(), Choice::left);
    bool settled = true;
    for (std::size_t k = 0; k < part.site.size(); ++k) {
        if (dual.choice()[k] > 0.5 || part.forced[k] != 0) choice[k] = Choice::open_to_choice;
        settled = settled && part.forced[k] != 0;
    }
    const std::uint64_t name = name_of(part, choice);
    if (!settled && outlook_.tried.contains(name)) return;
    tried.push_back(name);
    const Residual chosen = restrict(part, choice, {});
    for (Customer i = 0; i < chosen.n_customers(); ++i)
        if (chosen.of(i).empty()) return;
    if (root_.single_source) walk(chosen, assign_as_dual(part, dual, choice), settled ? sweeps_settled : sweeps_else);
    else if (dual.cost_with(choice) < outlook_.cutoff) transport(chosen, dual, choice);
}

/// Anneals an assignment of whole customers.
void CapacitatedLook::walk(const Residual& chosen, std::vector<Site> assignment, std::int32_t sweeps) {
    AssignmentSearch search(chosen, std::move(assignment), random_.next());
    search.settle(sweeps);
    if (search.objective() == infinite_cost) return;
    CapacitatedSolution found{search.objective(), {}};
    for (Customer i = 0; i < chosen.n_customers(); ++i) found.parts.push_back({i, chosen.site[index(search.assignment()[index(i)])], 1.0});
    solutions.push_back(std::move(found));
}

void CapacitatedLook::walk_on(const CapacitatedSolution& from) {
    std::vector<Choice> choice(root_.site.size(), Choice::left);
    for (std::size_t j = 0; j < choice.size(); ++j)
        if (root_.forced[j] != 0) choice[j] = Choice::open_to_choice;
    for (const Part& part : from.parts) choice[index(part.site)] = Choice::open_to_choice;
    const Residual chosen = restrict(root_, choice, {});
    std::vector<Site> at(root_.site.size(), -1), assignment;
    for (std::size_t k = 0; k < chosen.site.size(); ++k) at[index(chosen.site[k])] = static_cast<Site>(k);
    for (const Part& part : from.parts) assignment.push_back(at[index(part.site)]);
    work += pairs_per_move * sweeps_on * chosen.n_customers();
    walk(chosen, std::move(assignment), sweeps_on);
}

/// Serves everybody in parts, from the dual's prices of capacity, and tells the dual what customers pay then.
void CapacitatedLook::transport(const Residual& chosen, CapacitatedDual& dual, const std::vector<Choice>& choice) {
    std::vector<double> prices;
    for (std::size_t k = 0; k < choice.size(); ++k)
        if (choice[k] != Choice::left) prices.push_back(dual.prices()[k]);
    Transport transport(chosen);
    if (!transport.settle(std::move(prices))) return;
    CapacitatedSolution found{transport.objective(), transport.parts()};
    for (Part& part : found.parts) part.site = chosen.site[index(part.site)];
    solutions.push_back(std::move(found));
    dual.look_at(transport.customer_prices());
}

}  // namespace netdesign::location
