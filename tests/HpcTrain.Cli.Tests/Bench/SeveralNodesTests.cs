using System.Text.Json;

namespace HpcTrain.Cli.Tests.Bench;

/// <summary>`hpctrain bench` on two nodes of two ranks each, which are network namespaces that the run makes and removes.</summary>
internal sealed class SeveralNodesTests
{
    private static readonly string s_script = Path.Combine(ProgramRun.Root, "bench", "network", "netns.sh");

    [Test]
    public void Memory_inside_nodes_and_messages_between_them_give_the_right_result([Values("communicator", "ordinary")] string buffers)
    {
        ProgramRun trial = ProgramRun.Start(s_script, ["--ranks", "2", "--timeout", "30", "--", "true"]);
        if (trial.ExitCode == 4)
            Assert.Ignore($"no network namespaces here: {trial.Errors.Trim()}");
        string folder = Directory.CreateTempSubdirectory("hpctrain-nodes-").FullName;
        try
        {
            string json = Path.Combine(folder, "rows.json");
            ProgramRun run = ProgramRun.Start(s_script,
                ["--ranks", "4", "--per-node", "2", "--timeout", "50", "--", ProgramRun.Hpctrain, "bench", "all", "-b", "1K", "-e", "1M", "-f", "32", "-n", "1", "-w", "0",
                    "--compare", "none", "--buffers", buffers, "--json", json]);
            Assert.That(run.ExitCode, Is.Zero, run.Output + run.Errors);
            JsonElement root = JsonDocument.Parse(File.ReadAllText(json)).RootElement;
            foreach (JsonElement row in root.GetProperty("rows").EnumerateArray())
            {
                string collective = row.GetProperty("collective").GetString()!, path = row.GetProperty("path").GetString()!;
                Assert.That(row.GetProperty("wrong").GetInt64(), Is.Zero, row.ToString());
                bool isByMessages = collective is "gather" or "scatter" or "all-to-all";
                Assert.That(path, isByMessages ? Is.EqualTo("mpi") : Is.AnyOf("slots+mpi", buffers == "ordinary" ? "staged+mpi" : "buffers+mpi"), row.ToString());
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
