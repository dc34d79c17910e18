#include "trainers/progress.hpp"

namespace descent {

// A member that is added and forgotten here does not compile.
std::vector<StateNumber> numbers_of(Progress& progress) {
  auto& [epochs, steps, step_in_epoch, settled, f, norm, running, has_gamma, gamma, start_loss, previous_loss,
         tolerance, last_gain, seconds, evaluations, record] = progress;
  State<double> all{{},
                    {{"epochs", &epochs},
                     {"steps", &steps},
                     {"step_in_epoch", &step_in_epoch},
                     {"settled", &settled},
                     {"f", &f},
                     {"norm", &norm},
                     {"running", &running},
                     {"has_gamma", &has_gamma},
                     {"gamma", &gamma},
                     {"start_loss", &start_loss},
                     {"previous_loss", &previous_loss},
                     {"tolerance", &tolerance},
                     {"last_gain", &last_gain},
                     {"seconds", &seconds}}};
  all.add("evaluations", {{}, numbers_of(evaluations)});
  all.add("record", {{}, numbers_of(record)});
  return all.numbers;
}

}  // namespace descent
