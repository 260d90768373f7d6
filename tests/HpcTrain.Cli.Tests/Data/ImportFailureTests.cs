using System.Diagnostics;

namespace HpcTrain.Cli.Tests.Data;

/// <summary>However an import ends, nothing looks like a dataset that is none, and the next one succeeds.</summary>
internal sealed class ImportFailureTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [Test]
    public void Killed_in_the_middle()
    {
        // 25 MB that do not compress, at the slowest level: seconds of work.
        using var files = new IdxFiles(count: 30_000, side: 29);
        using (var import = Process.Start(new ProcessStartInfo(ProgramRun.Hpctrain, files.Import("--shard-samples", "2000", "--deflate", "9")) { RedirectStandardOutput = true })!)
        {
            var second = Path.Combine(files[".set.importing"], "shard-00001.h5");
            var watch = Stopwatch.StartNew();
            while (!File.Exists(second) && !import.HasExited && watch.Elapsed < Bound)
                Thread.Sleep(5);
            import.Kill();
            Assert.That(import.WaitForExit(Bound));
            Assert.That(import.ExitCode, Is.EqualTo(128 + 9), "killed, not finished");
        }
        Assert.That(Directory.Exists(files.Out), Is.False);
        Assert.That(Directory.EnumerateFiles(files[".set.importing"], "manifest.json"), Is.Empty);
        Assert.That(ProgramRun.Start(["data", "verify", files.Out]).ExitCode, Is.EqualTo(3));
        Assert.That(ProgramRun.Start(["data", "verify", files[".set.importing"]]).ExitCode, Is.EqualTo(3));

        var again = ProgramRun.Start(files.Import("--deflate", "0"));
        Assert.That(again.ExitCode, Is.Zero, again.Errors);
        Assert.That(files.Written, Is.EqualTo(new[] { "set" }));
        Assert.That(ProgramRun.Start(["data", "verify", files.Out]).ExitCode, Is.Zero);
    }

    [Test]
    public void Over_the_limit_of_a_file_size()
    {
        using var files = new IdxFiles(count: 20_000, side: 20);
        // 2048 blocks of 1 KiB; .NET maps its code from a larger file unless told not to.
        var run = ProgramRun.Start("/bin/bash", ["-c", "trap '' XFSZ; ulimit -f 2048; exec \"$0\" \"$@\"", ProgramRun.Hpctrain, .. files.Import("--deflate", "0")],
            new() { ["DOTNET_EnableWriteXorExecute"] = "0" });
        Says_the_disk_is_full(run, files);
    }

    [Test]
    public void Disk_full()
    {
        using var files = new IdxFiles(count: 20_000, side: 20);
        Directory.CreateDirectory(files["disk"]);
        var small = ProgramRun.Start("/usr/bin/unshare", ["-m", "mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", files["disk"]]);
        if (small.ExitCode != 0)
            Assert.Ignore("mounting a small file system is not allowed here");
        string[] import = ["data", "import", "idx", "--images", files.Images, "--labels", files.Labels, "--out", files["disk/set"], "--deflate", "0"];
        var run = ProgramRun.Start("/usr/bin/unshare",
            ["-m", "bash", "-c", "mount -t tmpfs -o size=2m tmpfs \"$1\" || exit 99; shift; \"$@\"; code=$?; ls -A \"$0\" >&2; exit $code", files["disk"], files["disk"], ProgramRun.Hpctrain, .. import]);
        Says_the_disk_is_full(run, files);
    }

    [Test]
    public void No_permission()
    {
        // Without the capabilities that let root pass over permissions, as any user.
        string[] plain = ["--bounding-set", "-dac_override,-dac_read_search", "--inh-caps", "-dac_override,-dac_read_search", "--"];
        var asRoot = Environment.UserName == "root";
        ProgramRun Run(string[] arguments) => asRoot
            ? ProgramRun.Start("/usr/bin/setpriv", [.. plain, ProgramRun.Hpctrain, .. arguments])
            : ProgramRun.Start(arguments);

        using var files = new IdxFiles();
        Assert.That(Run(files.Import()).ExitCode, Is.Zero);
        File.SetUnixFileMode(Path.Combine(files.Out, "shard-00000.h5"), UnixFileMode.None);
        var shard = Run(["data", "inspect", files.Out]);
        Assert.That(shard.ExitCode, Is.EqualTo(5), shard.Errors);
        Assert.That(shard.Errors, Does.Contain("No permission to open").And.Contain("shard-00000.h5"));
        File.SetUnixFileMode(files.Images, UnixFileMode.None);
        var input = Run(files.Import("--overwrite"));
        Assert.That(input.ExitCode, Is.EqualTo(5));
        Assert.That(input.Errors, Does.Contain("No permission to read").And.Contain(files.Images));
        File.SetUnixFileMode(files.Images, UnixFileMode.UserRead);
        Directory.CreateDirectory(files["closed"]);
        File.SetUnixFileMode(files["closed"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var output = Run(["data", "import", "idx", "--images", files.Images, "--labels", files.Labels, "--out", files["closed/set"]]);
        Assert.That(output.ExitCode, Is.EqualTo(5));
        Assert.That(output.Errors, Does.Contain("No permission to write to").And.Contain(files["closed/set"]));
        File.SetUnixFileMode(files["closed"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static void Says_the_disk_is_full(ProgramRun run, IdxFiles files)
    {
        Assert.That(run.ExitCode, Is.EqualTo(5), run.Errors);
        Assert.That(run.Errors.TrimEnd(), Does.Contain("the disk is full or a file size limit is reached; free some space").And.Not.Contain("\n"));
        Assert.That(files.Written.Where(name => name != "disk"), Is.Empty);
        Assert.That(ProgramRun.Start(files.Import("--deflate", "0")).ExitCode, Is.Zero);
    }
}
