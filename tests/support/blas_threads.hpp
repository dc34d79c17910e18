// What OpenBLAS says of its threads. Declared here: tests have no path to its header.
#pragma once

extern "C" {
int openblas_get_num_threads();
int openblas_get_num_procs();
}
