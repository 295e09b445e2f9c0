#include "routing/run.hpp"

namespace netdesign::routing {

template Outcome run<Features<false, 1, false>>(const Problem&, const Settings&, base::Watch&, double);
template Outcome run<Features<false, 3, false>>(const Problem&, const Settings&, base::Watch&, double);

}  // namespace netdesign::routing
