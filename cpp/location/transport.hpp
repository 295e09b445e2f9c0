// The transportation problem: customers served by open sites at least cost, in parts where a site lacks room. Successive
// shortest paths (Ahuja, Magnanti and Orlin, "Network flows", 1993, section 9.7) over the sites alone, where the way from
// one site to another is the customer whom the first hands over at least cost. They begin where prices of capacity send
// everybody to the site that is cheapest with its price: near the optimal prices little is left to move.
#pragma once

#include <cstdint>
#include <vector>

#include "location/residual.hpp"

namespace netdesign::location {

/// How much of a customer's demand a site serves.
struct Part {
    Customer customer = -1;
    Site site = -1;
    double share = 0.0;
};

class Transport {
public:
    /// All sites of the residual are open; it has to outlive this object. O(customers x sites) memory.
    explicit Transport(const Residual& residual);

    /// False where the sites cannot serve everybody. From any prices per unit of capacity, >= 0.
    /// O(sites^2 + customers) per path; no more paths than parts of customers that change their site.
    bool settle(std::vector<double> prices);

    /// Of serving everybody and of all the sites.
    [[nodiscard]] double objective() const noexcept;

    /// What one more unit of a site's capacity saves.
    [[nodiscard]] const std::vector<double>& prices() const noexcept { return price_; }

    /// What a unit of a customer's demand costs, with the price of capacity.
    [[nodiscard]] std::vector<double> customer_prices() const;

    /// By customer and site; whoever asks for nothing is at one of its sites.
    [[nodiscard]] std::vector<Part> parts() const;

private:
    [[nodiscard]] std::size_t pair(Customer i, std::size_t k) const noexcept { return index(i) * n_sites_ + k; }
    [[nodiscard]] double room(std::size_t k) const noexcept { return residual_.capacity[k] - load_[k]; }
    bool assign();
    void note_ways(std::size_t from);
    void note_way(std::size_t from, Customer i);
    bool relieve(std::size_t site);
    bool fill_one();
    std::size_t search(double& distance, bool priced_only);
    double bottleneck(std::size_t end, double most) const;
    void shift(std::size_t end, double amount);
    void move(Customer i, std::size_t from, std::size_t to, double amount);

    const Residual& residual_;
    std::size_t n_sites_;
    double blur_;                   ///< amounts below it are none
    std::vector<double> unit_;      ///< per customer and site; infinite where it must not serve
    std::vector<double> amount_;    ///< per customer and site
    std::vector<std::vector<Customer>> members_;
    std::vector<double> load_, price_;
    std::vector<double> way_;       ///< per two sites: what a unit costs more at the second, for the member for whom that is least
    std::vector<Customer> mover_;   ///< that member
    std::vector<double> distance_;  ///< of the last search
    std::vector<std::size_t> before_;
    std::vector<std::uint8_t> done_;
};

}  // namespace netdesign::location
