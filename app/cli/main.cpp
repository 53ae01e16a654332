// quantscope-cli: the same core as the window, without Qt.
#include "app/cli/print.h"
#include "app/cli/program.h"

#include <csignal>
#include <cstdlib>

int main(int argc, char** argv)
{
    // A limit of the size of files is an error of writing.
    std::signal(SIGXFSZ, SIG_IGN);
    const int status = qs::cli::run(argc, argv);
    // Nothing is left to do. The exit handlers of a hundred libraries would join threads that never end where memory has run out.
    qs::cli::outputWritten();
    std::_Exit(status);
}
