// Pictures of what the model of a run does with its rows.
#pragma once

#include "app/pictures/picture_file.hpp"

#include <string>
#include <vector>

namespace descent {

// One way of looking at a model; the options of `descent plot` and their help come from this table.
struct ModelView {
  std::string name;  // "confusion"
  std::string help;
};
const std::vector<ModelView>& model_views();

// Draws the model of the run in `folder`, on `rows` ("auto": test rows, or validation, or training). Throws
// Error(usage) when the view is not for such a model, saying which is, and as load_run_model and save_picture do.
//   confusion   classes: which was taken for which
//   decision    classes, 2 numeric inputs: the regions of the classes and the rows
//   predicted   numbers: predicted against actual
//   fitted      numbers, 1 numeric input: the rows and the curve through them
void draw_model_view(const std::string& view, const std::string& folder, const std::string& rows,
                     const pictures::PictureFile& file);

}  // namespace descent
