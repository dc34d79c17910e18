// gnuplot as a separate program: a script in, the files it drew out.
//
// Runs without a shell, in a private folder that is removed afterwards, and without the settings of the person
// (~/.gnuplot): no file name of theirs is ever part of a script or of a command line.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace descent::pictures {

// The contents of the files `outputs` after gnuplot ran `script`. Throws Error(runtime) when gnuplot is not
// installed (says how to get it), fails (its first complaint) or draws nothing. `purpose` starts the message:
// "cannot draw 'a.png'".
std::vector<std::string> run_gnuplot(const std::string& script, std::span<const std::string> outputs,
                                     const std::string& purpose);

}  // namespace descent::pictures
