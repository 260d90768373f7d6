using System.Text.Json;

namespace HpcTrain.Cli.Tests.Info;

internal sealed class InfoCommandTests
{
    private const string Nowhere = "/nowhere/at/all";

    /// <summary>The published names. Programs read them: extend this list, never change it.</summary>
    private static readonly Dictionary<string, string[]> Keys = new()
    {
        [""] = ["hpctrain", "host", "dotnet", "mpi", "hdf5", "libtorch", "cpu", "kernels", "gpus", "slurm"],
        ["host"] = ["name", "os", "architecture", "processors", "memory_bytes"],
        ["dotnet"] = ["version", "path"],
        ["mpi"] = ["found", "chosen", "reason", "started_by", "libraries", "advice"],
        ["hdf5"] = ["found", "version", "path", "advice"],
        ["libtorch"] = ["found", "version", "path", "shim", "advice"],
        ["cpu"] = ["model", "processors", "features"],
        ["kernels"] = ["description"],
        ["gpus"] = ["found", "driver", "devices", "advice"],
        ["slurm"] = ["found", "version", "path", "job", "advice"],
    };

    [Test]
    public void Json_has_exactly_the_published_keys_and_the_help_names_each()
    {
        var root = Json();
        var help = ProgramRun.Start(["info", "--help"]).Output;

        foreach (var (part, keys) in Keys)
        {
            var element = part.Length == 0 ? root : root.GetProperty(part);
            Assert.That(element.EnumerateObject().Select(property => property.Name), Is.EquivalentTo(keys), part);
            foreach (var key in part == "mpi" ? [.. keys, "gpu_aware", "gpu_advice"] : keys)
                Assert.That(help, Does.Contain(key));
        }
    }

    [Test]
    public void What_is_installed_here_is_found_with_version_and_place()
    {
        var root = Json();

        var mpi = root.GetProperty("mpi");
        Assert.That(mpi.GetProperty("found").GetBoolean(), Is.True);
        foreach (var library in mpi.GetProperty("libraries").EnumerateArray())
        {
            Assert.That(library.GetProperty("path").GetString(), Does.Exist);
            Assert.That(library.GetProperty("version").GetString(), Does.Match(@"^\d+\.\d+"));
            Assert.That(library.GetProperty("abi").GetString(), Is.AnyOf("Open MPI", "MPICH", "MPI standard ABI"));
            Assert.That(library.GetProperty("gpu_advice").GetString(), Does.Contain(library.GetProperty("gpu_aware").GetBoolean()
                ? "takes device memory of" : "device buffers travel through pinned host memory"));
        }
        Assert.That(
            mpi.GetProperty("libraries").EnumerateArray().Select(library => library.GetProperty("path").GetString()),
            Does.Contain(mpi.GetProperty("chosen").GetString()));
        var hdf5 = root.GetProperty("hdf5");
        Assert.That(hdf5.GetProperty("version").GetString(), Does.Match(@"^\d+\.\d+\.\d+$"));
        Assert.That(hdf5.GetProperty("path").GetString(), Does.Exist);
        Assert.That(root.GetProperty("libtorch").GetProperty("path").GetString(), Does.Exist);
        Assert.That(root.GetProperty("kernels").GetProperty("description").GetString(), Is.EqualTo(Kernels.HostKernels.Description));
    }

    [TestCase("HPCTRAIN_MPI_LIB", "mpi")]
    [TestCase("HPCTRAIN_HDF5_LIB", "hdf5")]
    [TestCase("HPCTRAIN_LIBTORCH", "libtorch")]
    public void A_hidden_library_is_no_error_and_comes_with_advice(string variable, string part)
    {
        var root = Json(new() { [variable] = Nowhere });

        Assert.That(root.GetProperty(part).GetProperty("found").GetBoolean(), Is.False);
        Assert.That(root.GetProperty(part).GetProperty("advice").GetString(), Does.Contain(variable));
    }

    [Test]
    public void A_launcher_that_is_none_leaves_the_library_and_comes_with_advice()
    {
        var mpi = Json(new() { ["HPCTRAIN_MPIRUN"] = Nowhere }).GetProperty("mpi");

        Assert.That(mpi.GetProperty("found").GetBoolean(), Is.True);
        Assert.That(mpi.GetProperty("advice").GetString(), Does.Contain("HPCTRAIN_MPIRUN"));
    }

    [Test]
    public void Nothing_in_path_leaves_libraries_and_takes_launchers_and_slurm()
    {
        var root = Json(new() { ["PATH"] = Nowhere });

        Assert.That(root.GetProperty("slurm").GetProperty("found").GetBoolean(), Is.False);
        foreach (var library in root.GetProperty("mpi").GetProperty("libraries").EnumerateArray())
        {
            Assert.That(library.GetProperty("launcher").ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That(library.GetProperty("advice").GetString(), Does.Contain("HPCTRAIN_MPIRUN"));
        }
    }

    [Test]
    public void Text_has_a_line_for_every_part_and_says_what_to_do()
    {
        var run = ProgramRun.Start(["info"], new() { ["HPCTRAIN_HDF5_LIB"] = Nowhere });

        Assert.That(run.ExitCode, Is.Zero);
        Assert.That(run.Errors, Is.Empty);
        foreach (var name in new[] { ".NET", "MPI", "HDF5", "libtorch", "CPU", "kernels", "GPUs", "Slurm" })
            Assert.That(run.Output, Does.Match($@"(?m)^{System.Text.RegularExpressions.Regex.Escape(name)} +\S"));
        Assert.That(run.Output, Does.Match(@"(?m)^HDF5 +none\n +! .*HPCTRAIN_HDF5_LIB"));
    }

    private static JsonElement Json(Dictionary<string, string?>? environment = null)
    {
        var run = ProgramRun.Start(["info", "--json"], environment);
        Assert.That(run.ExitCode, Is.Zero, run.Errors);
        Assert.That(run.Errors, Is.Empty);
        return JsonDocument.Parse(run.Output).RootElement;
    }
}
