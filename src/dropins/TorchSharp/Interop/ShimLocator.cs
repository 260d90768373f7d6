using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

/// <summary>Finds and loads the native shim.</summary>
internal static class ShimLocator
{
    private const string FileName = "libtorchsharp_dropin.so";
    private const string OverrideVariable = "HPCTRAIN_TORCH_SHIM";

    // The file that the environment names; beside the program or this assembly; in the artifacts of the checkout that
    // the program was built in.
    public static unsafe nint Load()
    {
        var tried = new List<string>();
        foreach (var candidate in Candidates())
        {
            tried.Add(candidate);
            if (!File.Exists(candidate)) continue;
            try
            {
                var library = NativeLibrary.Load(candidate);
                ((delegate* unmanaged<void>)NativeLibrary.GetExport(library, "ht_initialise"))();
                return library;
            }
            catch (DllNotFoundException error)
            {
                throw new DllNotFoundException(
                    $"The libtorch shim {candidate} could not be loaded; is its libtorch installed? ({error.Message.Trim()})", error);
            }
        }

        throw new DllNotFoundException(
            $"The libtorch shim {FileName} was not found. Build it with src/dropins/TorchSharp/native/build.sh, or name the file in " +
            $"{OverrideVariable}. Looked for: {string.Join(", ", tried)}.");
    }

    private static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable(OverrideVariable) is { Length: > 0 } named)
        {
            yield return named;
            yield break;
        }

        yield return Path.Combine(AppContext.BaseDirectory, FileName);
        if (Path.GetDirectoryName(typeof(ShimLocator).Assembly.Location) is { Length: > 0 } folder && folder != AppContext.BaseDirectory.TrimEnd('/'))
            yield return Path.Combine(folder, FileName);
        for (var parent = new DirectoryInfo(AppContext.BaseDirectory); parent is not null; parent = parent.Parent)
            if (parent.Name == "artifacts")
                yield return Path.Combine(parent.FullName, "native", FileName);
    }
}
