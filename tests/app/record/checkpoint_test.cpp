// Checkpoints as files: damage, the one before, who may go on with what.
#include "app/record/checkpoint.hpp"

#include "framework/error.hpp"
#include "models/file_io.hpp"
#include "models/safetensors.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/trained_run.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <limits>

namespace descent {
namespace {

using nlohmann::json;
using test::Ran;
using test::run_program;
using test::TemporaryFolder;
using test::TrainedRun;

constexpr const char* kMoons =
    "[run]\nname = 'tiny'\n[data]\ngenerator = 'moons'\nrows = 40\nvalidation_split = 0.2\n[model]\nhidden = [2]\n"
    "[train]\nepochs = 6\nbatch_size = 16\ncheckpoint = { every_epochs = 2 }\n[optimizer]\nname = 'adam'\n";

std::string sample(double number) {
  const std::vector<double> v = {1, -0.0, number};
  std::vector<double> w = {0.5}, values = v;
  double x = number;
  std::size_t n = 7;
  bool truth = true;
  Model model;
  model.network = {1, {{"dense", 1, "identity", "auto", 1, false}}};
  model.loss = "squared_error";
  model.precision = Precision::float64;
  model.weights = w;
  model.encoding.inputs = {{"x", {}, 0}};
  model.encoding.targets = {{"y", {}}};
  model.encoding.target_kind = TargetKind::numbers;
  model.encoding.input_mean = model.encoding.target_mean = {0};
  model.encoding.input_scale = model.encoding.target_scale = {1};
  const State<double> state{{{"w", w}, {"direction.v", values}}, {{"x", &x}, {"n", &n}, {"truth", &truth}}};
  return encode_checkpoint<double>(&model,
                                   {.config = "[run]\n",
                                    .data = "abc",
                                    .metrics = {10, 20},
                                    .epochs = 3,
                                    .ended = Ending{Reason::diverged, "diverged in epoch 4", "layer 1"}},
                                   state);
}

TEST(Checkpoint, GivesBackWhatItKeeps) {
  const Checkpoint checkpoint = decode_checkpoint(sample(std::numeric_limits<double>::quiet_NaN()), "x");
  EXPECT_EQ(checkpoint.stamp.config, "[run]\n");
  EXPECT_EQ(checkpoint.stamp.data, "abc");
  EXPECT_EQ(checkpoint.stamp.metrics.csv, 10u);
  EXPECT_EQ(checkpoint.stamp.metrics.json, 20u);
  EXPECT_EQ(checkpoint.stamp.epochs, 3u);
  const auto& snapshot = std::get<Snapshot<double>>(checkpoint.snapshot);
  for (const std::optional<Ending>& ended : {checkpoint.stamp.ended, snapshot.ended}) {
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->reason, Reason::diverged);
    EXPECT_EQ(ended->sentence, "diverged in epoch 4");
    EXPECT_EQ(ended->place, "layer 1");
  }
  ASSERT_EQ(snapshot.vectors.size(), 2u);
  EXPECT_EQ(snapshot.vectors[0], (std::pair<std::string, std::vector<double>>{"w", {0.5}}));
  EXPECT_EQ(snapshot.vectors[1].first, "direction.v");
  EXPECT_TRUE(std::signbit(snapshot.vectors[1].second[1]));
  EXPECT_TRUE(std::isnan(snapshot.vectors[1].second[2]));
  ASSERT_EQ(snapshot.numbers.size(), 3u);
  EXPECT_TRUE(std::isnan(snapshot.numbers[0].second));
  EXPECT_EQ(snapshot.numbers[1], (std::pair<std::string, double>{"n", 7}));
  EXPECT_EQ(snapshot.numbers[2], (std::pair<std::string, double>{"truth", 1}));
}

TEST(Checkpoint, IsRefusedWhereverItIsCut) {
  const std::string bytes = sample(1);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_THROW(decode_checkpoint(std::string_view(bytes).substr(0, size), "x"), Error) << size;
  EXPECT_THROW(decode_checkpoint(bytes + '\0', "x"), Error);
}

TEST(Checkpoint, IsRefusedWhicheverBitIsTurned) {
  std::string bytes = sample(1);
  std::size_t refused = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    for (int bit = 0; bit < 8; ++bit) {
      bytes[i] = static_cast<char>(bytes[i] ^ (1 << bit));
      try {
        decode_checkpoint(bytes, "x");
        ADD_FAILURE() << "byte " << i << ", bit " << bit;
      } catch (const Error& error) {
        EXPECT_EQ(error.fault(), Fault::data);
        ++refused;
      }
      bytes[i] = static_cast<char>(bytes[i] ^ (1 << bit));
    }
  EXPECT_EQ(refused, 8 * bytes.size());
}

// With a checksum that is right: written by another version, or by somebody else.
TEST(Checkpoint, IsRefusedWhereItContradictsItself) {
  const auto refusal = [](auto change) {
    TensorFile file = decode_safetensors(sample(1), "x");
    json entry = json::parse(file.metadata["checkpoint"]);
    change(file, entry);
    file.metadata["checkpoint"] = entry.dump();
    file.metadata[std::string(kChecksum)] = checksum(file);
    return test::refusal([&] { decode_checkpoint(encode_safetensors(file), "x"); }, Fault::data);
  };
  EXPECT_EQ(refusal([](TensorFile&, json&) {}), "nothing was refused");
  EXPECT_EQ(refusal([](TensorFile&, json& entry) { entry["numbers"].push_back("more"); }),
            "x: it has 3 numbers and 4 names for them");
  EXPECT_EQ(refusal([](TensorFile& file, json&) {
              const std::vector<float> narrow(3);
              *std::ranges::find(file.tensors, "state.direction.v", &Tensor::name) =
                  Tensor::of("state.direction.v", {3}, std::span<const float>(narrow));
            }),
            "x: tensor 'state.direction.v' is not in the precision of the run");
  EXPECT_EQ(refusal([](TensorFile&, json& entry) { entry["ended"]["reason"] = "boredom"; }),
            "x: it ended for a reason that this version of descent does not know");
  for (const char* key : {"config", "data", "metrics_csv", "steps", "ended", "numbers"})
    EXPECT_EQ(refusal([&](TensorFile&, json& entry) { entry.erase(key); }),
              "x: not a checkpoint of this version of descent")
        << key;
  EXPECT_EQ(refusal([](TensorFile&, json& entry) { entry["epochs"] = "three"; }),
            "x: not a checkpoint of this version of descent");
}

TEST(Checkpoint, IsAModelToo) {
  const TrainedRun trained(kMoons);
  const Ran ran = trained.descent({"inspect", trained.run + "/last.safetensors", "--json"});
  EXPECT_EQ(json::parse(ran.out)["weights_hash"], trained.hash()) << ran.err;
  EXPECT_EQ(trained.descent({"evaluate", trained.run + "/best.safetensors", "--help"}).code, 0);
  EXPECT_EQ(load_model(trained.file("best.safetensors")).epoch, 6u);
}

TEST(Checkpoint, DamageIsToldAndTheOneBeforeTakesItsPlace) {
  const TrainedRun trained(kMoons);
  trained.forget_result();
  std::string bytes = test::read_text(trained.file("last.safetensors"));
  bytes[bytes.size() - 3] ^= 4;
  trained.write("last.safetensors", bytes);
  const std::string hash = json::parse(trained.first.out)["weights_hash"];
  const Ran ran = trained.resume();
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(ran.err.find("do not match their checksum; the file is damaged; going on from the checkpoint before it"),
            std::string::npos)
      << ran.err;
  EXPECT_EQ(json::parse(ran.out)["weights_hash"], hash);

  trained.forget_result();
  trained.write("last.safetensors", bytes);
  trained.write("last.previous.safetensors", bytes);
  const Ran lost = trained.resume();
  EXPECT_EQ(lost.code, 3);
  EXPECT_NE(lost.err.find("damaged"), std::string::npos) << lost.err;
}

TEST(Resume, GivesMoreEpochsToARunThatUsedItsUp) {
  const TrainedRun trained(kMoons), whole(kMoons, {"--set", "train.epochs=11"});
  const Ran ended = trained.resume();
  EXPECT_EQ(ended.code, 0);
  EXPECT_NE(ended.err.find("the run has ended: reached the epoch budget (6 epochs)"), std::string::npos) << ended.err;
  EXPECT_NE(ended.err.find("--set train.epochs="), std::string::npos);
  const Ran ran = trained.resume({"--set", "train.epochs=11"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(trained.hash(), whole.hash());
  EXPECT_NE(test::read_text(trained.file("config.toml")).find("epochs = 11\n"), std::string::npos);
  EXPECT_NE(test::read_text(trained.file("train.log")).find("resumed  behind epoch 6, step 12"), std::string::npos);
}

// The last checkpoint is the last state, whatever ended the run, and no setting makes it go on from there.
TEST(Resume, DoesNotRaiseARunThatCameToItsEnd) {
  struct Case {
    std::vector<std::string> settings;
    std::string reason, sentence;
    int code;
  };
  const Case cases[] = {
      {{"--set", "early_stopping.patience=1", "--set", "early_stopping.min_delta=0.5"},
       "early_stopping",
       "val_loss made no progress",
       0},
      {{"--set", "train.loss_target=21"}, "target_reached", "reached the loss target", 0},
      {{"--set", "optimizer.name=steepest", "--set", "optimizer.learning_rate=1e30", "--set", "model.activation=relu"},
       "diverged",
       "diverged",
       4},
  };
  for (const Case& c : cases) {
    const TrainedRun trained(kMoons, c.settings);
    ASSERT_EQ(trained.first.code, c.code) << trained.first.err;
    const json result = trained.result();
    ASSERT_EQ(result["reason"], c.reason);
    const Checkpoint last = decode_checkpoint(test::read_text(trained.file("last.safetensors")), "last");
    ASSERT_TRUE(last.stamp.ended) << c.reason;
    EXPECT_EQ(to_string(last.stamp.ended->reason), c.reason);
    EXPECT_EQ(last.stamp.steps, result["steps"]);
    EXPECT_EQ(last.model->epoch, result["epochs"]);

    const Ran again = trained.resume();
    EXPECT_EQ(again.code, c.code) << again.err;
    EXPECT_NE(again.err.find("the run has ended: "), std::string::npos) << again.err;
    EXPECT_NE(again.err.find(c.sentence), std::string::npos) << again.err;
    // A kill behind the last checkpoint: the end comes again.
    const auto more = [&] { return trained.resume({"--set", "train.epochs=1000"}); };
    EXPECT_NE(more().err.find("the run has ended, and no setting makes it go on: "), std::string::npos) << c.reason;
    trained.forget_result();
    EXPECT_EQ(more().code, 2) << c.reason;
    const Ran completed = trained.resume();
    EXPECT_EQ(completed.code, c.code) << completed.err;
    json repeated = trained.result(), expected = result;
    for (json* each : {&repeated, &expected}) each->erase("seconds");
    EXPECT_EQ(repeated, expected);
  }
}

TEST(Resume, CompletesARecordThatTheDiskRefused) {
  const TrainedRun trained(kMoons);
  json result = trained.result();
  result["record_failure"] = "no space left";
  trained.write("result.json", result.dump());
  EXPECT_EQ(trained.resume().code, 0);
  EXPECT_FALSE(trained.result().contains("record_failure"));
}

TEST(Resume, RefusesAChangedConfigAndNamesTheKey) {
  const TrainedRun trained(kMoons);
  trained.forget_result();
  const auto refusal = [&](const std::string& change) {
    const Ran ran = trained.resume({"--set", change});
    EXPECT_EQ(ran.code, 2) << ran.err;
    return ran.err;
  };
  EXPECT_EQ(refusal("train.batch_size=8"),
            "error: train.batch_size = 8 is not what the run that is resumed has (16); only train.epochs, "
            "train.max_seconds, log.every and train.checkpoint_every_… may change. To train anew with it: train --from "
            "RUN --set train.batch_size=8\n");
  EXPECT_NE(refusal("optimizer.learning_rate=0.5").find("optimizer.learning_rate = 0.5"), std::string::npos);
  EXPECT_EQ(refusal("train.epochs=5"),
            "error: train.epochs = 5 is less than the 6 of the run that is resumed; it may only grow\n");
  // Who edits the record is told as well.
  std::string config = test::read_text(trained.file("config.toml"));
  config.replace(config.find("seed = 1"), 8, "seed = 2");
  trained.write("config.toml", config);
  EXPECT_NE(trained.resume().err.find("run.seed = 2 is not what"), std::string::npos);
}

TEST(Resume, RefusesDataThatIsNotWhatItWas) {
  const std::string rows = "x,y\n1,2\n2,4\n3,6\n4,8.5\n5,10\n";
  const TemporaryFolder data;
  const std::string path = data.write("d.csv", rows);
  const TrainedRun trained("[data]\npath = '" + path + "'\n[train]\nepochs = 3\n");
  trained.forget_result();
  EXPECT_EQ(trained.resume({"--set", "train.epochs=4"}).code, 0);
  data.write("d.csv", "x,y\n1,2\n2,4\n3,6\n4,8.25\n5,10\n");
  trained.forget_result();
  const Ran ran = trained.resume({"--set", "train.epochs=5"});
  EXPECT_EQ(ran.code, 3);
  EXPECT_NE(ran.err.find("the data is not what it was when this run began"), std::string::npos) << ran.err;
}

TEST(Resume, IsRefusedWhileAnotherProgramTrains) {
  const TrainedRun trained(kMoons);
  trained.forget_result();
  const int other = ::open(trained.file("").c_str(), O_RDONLY | O_DIRECTORY);
  ASSERT_EQ(::flock(other, LOCK_EX | LOCK_NB), 0);
  const Ran ran = trained.resume();
  EXPECT_EQ(ran.code, 1);
  EXPECT_NE(ran.err.find("another program is training in"), std::string::npos) << ran.err;
  ::close(other);
  EXPECT_EQ(trained.resume().code, 0);
}

TEST(Resume, RefusesWhatIsNoRun) {
  const TemporaryFolder folder;
  const Ran ran = run_program({"train", "--resume", folder.path()});
  EXPECT_EQ(ran.code, 2);
  EXPECT_NE(ran.err.find("is no folder of a run: there is no config.toml in it"), std::string::npos) << ran.err;
  EXPECT_EQ(run_program({"train", "--resume", "a", "--from", "b"}).err,
            "error: train takes one of CONFIG, --resume RUN and --from RUN; see descent train --help\n");
}

TEST(Resume, RefusesMetricsFilesThatLostRows) {
  const TrainedRun trained(kMoons);
  trained.forget_result();
  trained.write("metrics.csv", "epoch\n");
  const Ran ran = trained.resume();
  EXPECT_EQ(ran.code, 3);
  EXPECT_NE(ran.err.find("shorter than when the checkpoint was written"), std::string::npos) << ran.err;
}

// A signal in the middle of an epoch: the checkpoint is that of the step, and the rest has the bits of the whole.
TEST(Resume, GoesOnBehindTheStepInWhichASignalCame) {
  for (const int signal : {SIGINT, SIGTERM}) {
    const TemporaryFolder folder;
    folder.write("long.toml",
                 "[data]\ngenerator = 'moons'\nrows = 200\n[train]\nepochs = 100000000\nbatch_size = 8\n"
                 "[log]\nevery = 100000000\n");
    const Ran ran = test::interrupt_training({"train", "long.toml", "--json"}, folder.path(), signal);
    EXPECT_EQ(ran.code, 128 + signal) << ran.err;
    const json result = json::parse(ran.out);
    const std::string run = folder.file(result["run"]);
    EXPECT_EQ(result["status"], "interrupted");
    const Checkpoint last = decode_checkpoint(test::read_text(run + "/last.safetensors"), "last");
    ASSERT_TRUE(last.stamp.ended);
    EXPECT_EQ(last.stamp.ended->reason, Reason::interrupted);
    EXPECT_EQ(last.stamp.steps, result["steps"]) << "within one step";
    EXPECT_EQ(weights_hash(*last.model), result["weights_hash"]);
  }
}

TEST(From, RepeatsARunAndSaysSo) {
  const TrainedRun trained(kMoons);
  const Ran same = trained.descent({"train", "--from", trained.run});
  EXPECT_EQ(same.code, 0);
  EXPECT_NE(same.err.find("repeated: the same weights as in " + trained.run + ", bit for bit"), std::string::npos)
      << same.err;
  // What other settings give is no failure: refusals of --resume send people here.
  const Ran anew = trained.descent({"train", "--from", trained.run, "--seed", "2"});
  EXPECT_EQ(anew.code, 0);
  EXPECT_NE(anew.err.find("trained anew: other settings than in " + trained.run), std::string::npos) << anew.err;
  json result = trained.result();
  result["weights_hash"] = "0123456789abcdef";
  trained.write("result.json", result.dump());
  const Ran other = trained.descent({"train", "--from", trained.run});
  EXPECT_EQ(other.code, 1);
  EXPECT_NE(other.err.find("not repeated: " + trained.run + " has the weights 0123456789abcdef"), std::string::npos)
      << other.err;
}

}  // namespace
}  // namespace descent
