#include "routing/run.hpp"

namespace netdesign::routing {

template Outcome run<Features<false, 1, true>>(const Problem&, const Settings&, base::Watch&, double);
template Outcome run<Features<false, 3, true>>(const Problem&, const Settings&, base::Watch&, double);

}  // namespace netdesign::routing
