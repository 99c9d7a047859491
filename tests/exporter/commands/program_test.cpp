#include <arpa/inet.h>
#include <array>
#include <chrono>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <string>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "tests/fakes/temporary_folder.h"

namespace acronis::exporter {
namespace {

constexpr const char* kSecret = "s3cret-of-the-program-test";
/// Two seconds are promised; a busy machine may need more.
constexpr std::chrono::seconds kPrompt{10};

/// The real program, with an environment of its own; killed at the end if it still runs.
class Program {
 public:
  Program(std::vector<std::string> arguments, std::vector<std::string> environment) {
    arguments.insert(arguments.begin(), ACRONIS_PROGRAM);
    std::array<int, 2> ends{};
    EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    errors_ = ends[0];
    posix_spawn_file_actions_t actions{};
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    EXPECT_EQ(posix_spawn(&pid_, ACRONIS_PROGRAM, &actions, nullptr, Pointers(arguments).data(),
                          Pointers(environment).data()),
              0);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
  }
  ~Program() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    close(errors_);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  /// Reads standard error until `text` was in it or the program has ended.
  bool WaitFor(const std::string& text) {
    std::array<char, 4096> buffer{};
    while (said_.find(text) == std::string::npos) {
      const ssize_t length = read(errors_, buffer.data(), buffer.size());
      if (length <= 0) {
        return false;
      }
      said_.append(buffer.data(), static_cast<std::size_t>(length));
    }
    return true;
  }

  /// The exit code; -1 when a signal ended it.
  int Wait() {
    WaitFor("\n(never said)\n");
    int status = 0;
    EXPECT_EQ(waitpid(pid_, &status, 0), pid_);
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  void Signal(int signal) const { EXPECT_EQ(kill(pid_, signal), 0); }
  const std::string& Said() const { return said_; }
  pid_t Pid() const { return pid_; }
  std::string ProcFile(const std::string& name) const {
    std::ifstream file("/proc/" + std::to_string(pid_) + "/" + name);
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  static std::vector<char*> Pointers(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts) {
      pointers.push_back(text.data());
    }
    pointers.push_back(nullptr);
    return pointers;
  }

  pid_t pid_ = 0;
  int errors_ = -1;
  std::string said_;
};

/// A socket that takes connections and never says a word.
class SilentServer {
 public:
  SilentServer() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(socket_, generic, size), 0);
    EXPECT_EQ(listen(socket_, 8), 0);
    EXPECT_EQ(getsockname(socket_, generic, &size), 0);
    port_ = std::to_string(ntohs(address.sin_port));
  }
  ~SilentServer() { close(socket_); }
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;

  const std::string& Port() const { return port_; }
  /// Waits for a connection and leaves it open.
  int AcceptAndHold() const { return accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC); }

 private:
  int socket_;
  std::string port_;
};

class TheProgram : public ::testing::Test {
 protected:
  std::vector<std::string> AccountAt(const std::string& base_url) const {
    return {"PATH=/usr/bin",
            "XDG_STATE_HOME=" + folder_.Path().string(),
            "XDG_CACHE_HOME=" + folder_.Path().string(),
            "ACRONIS_BASE_URL=" + base_url,
            "ACRONIS_CLIENT_ID=abc",
            std::string("ACRONIS_CLIENT_SECRET=") + kSecret,
            "LAST=still here"};
  }

  test::TemporaryFolder folder_;
};

TEST_F(TheProgram, OverwritesTheSecretInItsEnvironment) {
  const SilentServer server;
  Program program({"--web.listen-address=127.0.0.1:0"},
                  AccountAt("http://127.0.0.1:" + server.Port()));
  ASSERT_TRUE(program.WaitFor("msg=listening")) << program.Said();
  const std::string environment = program.ProcFile("environ");
  if (environment.empty()) {
    GTEST_SKIP() << "only root may read it at all, which is another way to keep the promise";
  }
  EXPECT_NE(environment.find("LAST=still here"), std::string::npos);
  EXPECT_EQ(environment.find(kSecret), std::string::npos);
}

TEST_F(TheProgram, LeavesNoCoreDump) {
  const SilentServer server;
  Program program({"--web.listen-address=127.0.0.1:0"},
                  AccountAt("http://127.0.0.1:" + server.Port()));
  ASSERT_TRUE(program.WaitFor("msg=listening")) << program.Said();
  EXPECT_NE(program.ProcFile("limits").find("Max core file size        0                    0"),
            std::string::npos)
      << program.ProcFile("limits");
}

struct StopCase {
  std::string name;
  std::string scheme;
  int signal;
};
class TheProgramStops : public TheProgram, public ::testing::WithParamInterface<StopCase> {};

TEST_P(TheProgramStops, InTheMiddleOfARequest) {
  const SilentServer server;
  Program program({"--web.listen-address=127.0.0.1:0"},
                  AccountAt(GetParam().scheme + "://127.0.0.1:" + server.Port()));
  const int connection = server.AcceptAndHold();
  ASSERT_TRUE(program.WaitFor("msg=listening")) << program.Said();
  const auto start = std::chrono::steady_clock::now();
  program.Signal(GetParam().signal);
  EXPECT_EQ(program.Wait(), 0) << program.Said();
  EXPECT_LT(std::chrono::steady_clock::now() - start, kPrompt);
  EXPECT_EQ(program.Said().find(kSecret), std::string::npos);
  close(connection);
}

INSTANTIATE_TEST_SUITE_P(Signals, TheProgramStops,
                         ::testing::Values(StopCase{"TokenReply", "http", SIGTERM},
                                           StopCase{"TlsHandshake", "https", SIGTERM},
                                           StopCase{"Interrupt", "https", SIGINT}),
                         [](const auto& instance) { return instance.param.name; });

TEST_F(TheProgram, SaysOnceThatAPortIsTaken) {
  const SilentServer taken;
  Program program({"--web.listen-address=127.0.0.1:" + taken.Port(), "--log.level=error"},
                  AccountAt("http://127.0.0.1:1"));
  EXPECT_EQ(program.Wait(), 1);
  const std::string& said = program.Said();
  EXPECT_NE(said.find("127.0.0.1:" + taken.Port()), std::string::npos) << said;
  EXPECT_NE(said.find("address already in use"), std::string::npos) << said;
  EXPECT_EQ(said.find('\n'), said.size() - 1) << said;
}

TEST_F(TheProgram, StartsNothingWithABrokenConfiguration) {
  Program program({"--config.file=/nowhere/config.yaml"}, {});
  EXPECT_EQ(program.Wait(), 1);
  EXPECT_NE(program.Said().find("/nowhere/config.yaml: there is no such file"), std::string::npos);
  EXPECT_EQ(program.Said().find("listening"), std::string::npos);
}

TEST_F(TheProgram, SaysWhoHasTheStore) {
  const auto accounts = AccountAt("http://127.0.0.1:1");
  Program first({"--web.listen-address=127.0.0.1:0"}, accounts);
  ASSERT_TRUE(first.WaitFor("msg=listening")) << first.Said();
  Program second({"--web.listen-address=127.0.0.1:0"}, accounts);
  EXPECT_EQ(second.Wait(), 1);
  EXPECT_NE(second.Said().find("in use by process " + std::to_string(first.Pid())),
            std::string::npos)
      << second.Said();
}

TEST_F(TheProgram, LogsJsonOnRequest) {
  Program program({"--web.listen-address=127.0.0.1:0", "--log.format=json"},
                  AccountAt("http://127.0.0.1:1"));
  EXPECT_TRUE(program.WaitFor("\"msg\":\"listening\",\"address\":\"127.0.0.1:")) << program.Said();
}

}  // namespace
}  // namespace acronis::exporter
