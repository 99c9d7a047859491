#include "exporter/commands/shutdown.h"

#include <future>
#include <memory>
#include <thread>
#include <utility>

namespace acronis::exporter {

bool StopWithin(std::chrono::milliseconds patience, std::function<void()> stop) {
  // Shared, because the thread may outlive this call.
  const auto done = std::make_shared<std::promise<void>>();
  const auto ended = done->get_future();
  std::thread thread([stop = std::move(stop), done] {
    stop();
    done->set_value();
  });
  if (ended.wait_for(patience) == std::future_status::ready) {
    thread.join();
    return true;
  }
  thread.detach();
  return false;
}

}  // namespace acronis::exporter
