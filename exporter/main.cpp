#include <exception>
#include <iostream>
#include <unistd.h>

#include "exporter/commands/run.h"

int main(int argc, char** argv) {
  try {
    return acronis::exporter::Run(argc, argv, environ);
  } catch (const std::exception& failure) {
    std::cerr << "acronis_task_exporter: " << failure.what() << '\n';
    return 1;
  }
}
