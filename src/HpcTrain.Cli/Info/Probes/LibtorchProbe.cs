namespace HpcTrain.Cli.Info.Probes;

/// <summary>
/// Finds libtorch by its files: loading it takes longer than everything else here together. The shim is linked to the
/// libtorch that set-up found, so the same places are searched in the same order.
/// </summary>
internal static class LibtorchProbe
{
    private const string Library = "libtorch_cpu.so";
    private const string ShimName = "libtorchsharp_dropin.so";

    public static LibtorchReport Run()
    {
        var shim = Shim();
        var prefix = Environment.GetEnvironmentVariable("HPCTRAIN_LIBTORCH");
        var library = prefix is { Length: > 0 } ? Existing(Path.Combine(prefix, "lib", Library)) : InSystem();
        if (library is null)
        {
            return new(false, null, null, shim, prefix is { Length: > 0 }
                ? $"HPCTRAIN_LIBTORCH names {prefix}, which has no lib/{Library}: correct it, then run ./setup.sh"
                : "run ./setup.sh (Debian: libtorch-dev), or set HPCTRAIN_LIBTORCH to a libtorch folder and run it");
        }
        var real = File.ResolveLinkTarget(library, returnFinalTarget: true)?.FullName ?? library;
        return new(shim is not null, Version(prefix is { Length: > 0 } ? prefix : "/usr", real), real, shim,
            shim is null ? "the shim over libtorch is not built: run ./setup.sh" : null);
    }

    /// <summary>"1.13.0" from the headers, else from a build-version file, else from the name libtorch_cpu.so.1.13.0.</summary>
    internal static string? Version(string prefix, string library)
    {
        var header = Path.Combine(prefix, "include/torch/csrc/api/include/torch/version.h");
        if (Existing(header) is not null)
        {
            // #define TORCH_VERSION_MAJOR 1, and so for MINOR and PATCH.
            var numbers = File.ReadLines(header).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(words => words is ["#define", "TORCH_VERSION_MAJOR" or "TORCH_VERSION_MINOR" or "TORCH_VERSION_PATCH", _])
                .Select(words => words[2]).ToArray();
            if (numbers.Length == 3)
                return string.Join('.', numbers);
        }
        if (Existing(Path.Combine(prefix, "build-version")) is { } file)
            return File.ReadAllText(file).Trim();
        var name = Path.GetFileName(library);
        return name.Length > Library.Length + 1 ? name[(Library.Length + 1)..] : null;
    }

    private static string? InSystem()
    {
        foreach (var folder in new[] { "/usr/lib64", "/usr/lib" }.Where(Directory.Exists))
        {
            var found = Existing(Path.Combine(folder, Library))
                ?? Directory.EnumerateDirectories(folder).Select(inner => Path.Combine(inner, Library)).FirstOrDefault(File.Exists);
            if (found is not null)
                return found;
        }
        return null;
    }

    /// <summary>The shim named by HPCTRAIN_TORCH_SHIM, beside this program, or in the artifacts folder that holds it.</summary>
    private static string? Shim()
    {
        if (Environment.GetEnvironmentVariable("HPCTRAIN_TORCH_SHIM") is { Length: > 0 } named)
            return Existing(named);
        var beside = Path.Combine(AppContext.BaseDirectory, ShimName);
        if (File.Exists(beside))
            return beside;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (folder.Name == "artifacts")
                return Existing(Path.Combine(folder.FullName, "native", ShimName));
        }
        return null;
    }

    private static string? Existing(string path) => File.Exists(path) ? path : null;
}
