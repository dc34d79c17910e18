// The pictures of `descent minimize`, and what those of `descent critical` share with them.
#pragma once

#include "app/formula/run.hpp"
#include "app/pictures/style.hpp"
#include "trainers/critical_point.hpp"

#include <string>
#include <vector>

namespace descent {

namespace pictures {
struct Landscape;
struct SlopePicture;
}  // namespace pictures

// How a picture marks a point of this kind.
pictures::PointKind drawn_as(PointKind kind);

// The data of those pictures, in the box that was asked for ("x=-2:2,y=-1:3"; empty: the path and what is near it). Two
// variables: f and its critical points.
pictures::Landscape landscape_of(FormulaProblem& problem, const FormulaMethod& method, const FormulaRun& run,
                                 const std::string& asked = "");
// One variable: f, its slope and the zeros of that.
pictures::SlopePicture slope_of(FormulaProblem& problem, const FormulaMethod& method, const FormulaRun& run,
                                const std::string& asked = "");

// The pictures of a run that were asked for.
struct RunPictures {
  std::string plot, animation;  // files; empty: none
  std::string as;               // what `plot` shows; empty: path
  std::string box;              // "x=-2:2,y=-1:3", what is shown; empty: the path and what is near it
  std::vector<double> rates;    // learning rates side by side in `plot`; empty: the run alone
};

// "path, surface, steps", the values of RunPictures::as.
std::string run_picture_kinds();

// Throws Error(usage), before anything runs, where draw_run or animate_run would for such files, so many variables, an
// unknown kind, a wrong box or rate.
void check_run_pictures(const FormulaProblem& problem, const RunPictures& wanted);

// As path: the curve and its slope for one variable, the landscape from above for two. As surface: that landscape as a
// surface. As steps, and for more variables: f and ‖∇f‖ step by step. With rates: a run at each, side by side.
void draw_run(FormulaProblem& problem, const FormulaMethod& method, const FormulaRun& run, const RunPictures& wanted);

// The point rolling down, for one or two variables.
void animate_run(FormulaProblem& problem, const FormulaMethod& method, const FormulaRun& run,
                 const RunPictures& wanted);

}  // namespace descent
