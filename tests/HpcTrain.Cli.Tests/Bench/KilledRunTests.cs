using System.Diagnostics;
using System.Globalization;
using System.Text;
using HpcTrain.Mpi;
using HpcTrain.Testing;

namespace HpcTrain.Cli.Tests.Bench;

/// <summary>`hpctrain bench` that starts its own ranks, when one of its processes is killed.</summary>
internal sealed class KilledRunTests
{
    private const int Ranks = 2;
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(60);

    [Test]
    public void A_killed_rank_is_said_and_is_the_exit_code([ValueSource(typeof(Launchers), nameof(Launchers.All))] MpiFlavor flavor)
    {
        using var run = new HandStarted(flavor);
        Kill(run.RankProcesses()[1]);

        Assert.That(run.WaitForExit(), Is.EqualTo(128 + 9), run.ToString());
        Assert.That(run.Errors, Does.Contain("hpctrain bench: a rank was ended by signal 9"));
        Assert.That(run.Output, Does.Not.Contain("BAD TERMINATION").And.Not.Contain("EXIT STRING"), "results only");
    }

    [Test]
    public void Ranks_end_with_the_process_that_started_them([ValueSource(typeof(Launchers), nameof(Launchers.All))] MpiFlavor flavor)
    {
        if (!File.Exists("/usr/bin/setpriv"))
            Assert.Ignore("no setpriv on this machine: ranks outlive what started them");
        using var run = new HandStarted(flavor);
        Kill(run.Id);

        Assert.That(Until(() => run.Processes().Length == 0), Is.True, () => $"still there: {string.Join(", ", run.Processes().Select(ProcessState.Describe))}");
    }

    private static void Kill(int process) => ProgramRun.Start("/bin/kill", ["-KILL", process.ToString(CultureInfo.InvariantCulture)]);

    private static bool Until(Func<bool> condition)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            if (clock.Elapsed > s_bound)
                return false;
            Thread.Sleep(20);
        }

        return true;
    }

    /// <summary>A benchmark without end, its ranks at work. All its processes have the name of its file of results among their arguments.</summary>
    private sealed class HandStarted : IDisposable
    {
        private readonly string _mark = Path.Combine(Path.GetTempPath(), $"hpctrain-killed-{Guid.NewGuid():N}.json");
        private readonly StringBuilder _output = new(), _errors = new();
        private readonly Process _process;

        public HandStarted(MpiFlavor flavor)
        {
            if (!Launchers.Has(flavor))
                Assert.Ignore($"no mpirun of {flavor.DisplayName()} on this machine");
            string mpi = flavor == MpiFlavor.Mpich ? "mpich" : "openmpi", ranks = Ranks.ToString(CultureInfo.InvariantCulture);
            string[] words = ["bench", "allreduce", "--mpi", mpi, "--ranks", ranks, "-b", "8", "-e", "8", "-n", "1000000", "--json", _mark];
            _process = new() { StartInfo = new(ProgramRun.Hpctrain, words) { RedirectStandardOutput = true, RedirectStandardError = true } };
            _process.OutputDataReceived += (_, line) => Append(_output, line.Data);
            _process.ErrorDataReceived += (_, line) => Append(_errors, line.Data);
            _process.Start();
            _process.BeginOutputReadLine();
            _process.BeginErrorReadLine();
            bool isAtWork = Until(() => Output.Contains("#wrong", StringComparison.Ordinal) && RankProcesses().Length == Ranks);
            if (!isAtWork)
            {
                Dispose();
                Assert.Fail($"the ranks did not begin: {this}");
            }
        }

        public int Id => _process.Id;

        public string Output => Text(_output);

        public string Errors => Text(_errors);

        /// <summary>The launcher's and the ranks' processes, and the first one, as long as they run.</summary>
        public int[] Processes() => [.. All().Select(each => each.Id)];

        public int[] RankProcesses() => [.. All().Where(each => each.Id != Id && each.Words[0] == ProgramRun.Hpctrain).Select(each => each.Id).Order()];

        public int WaitForExit()
        {
            Assert.That(_process.WaitForExit(s_bound), Is.True, $"the benchmark did not end: {this}");
            _process.WaitForExit(); // until all that was written has been read
            return _process.ExitCode;
        }

        public void Dispose()
        {
            foreach (int process in Processes())
                Kill(process);
            _process.Dispose();
            File.Delete(_mark);
        }

        public override string ToString() => $"output:\n{Output}\nerrors:\n{Errors}";

        private IEnumerable<(int Id, string[] Words)> All()
        {
            foreach (string folder in Directory.GetDirectories("/proc"))
            {
                if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int id))
                    continue;
                string[] words = [];
                try
                {
                    words = File.ReadAllText($"{folder}/cmdline").Split('\0');
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    // It has ended meanwhile, or is not ours.
                }

                if (words.Contains(_mark))
                    yield return (id, words);
            }
        }

        private static void Append(StringBuilder text, string? line)
        {
            lock (text)
                text.AppendLine(line);
        }

        private static string Text(StringBuilder text)
        {
            lock (text)
                return text.ToString();
        }
    }
}
