using System.Runtime.InteropServices;

namespace HpcTrain.Cli.Info.Probes;

internal static class HostProbe
{
    public static HostReport Run() => new(
        Environment.MachineName, RuntimeInformation.OSDescription,
        RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant(), Environment.ProcessorCount,
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    public static DotnetReport Dotnet() =>
        new(Environment.Version.ToString(), RuntimeEnvironment.GetRuntimeDirectory().TrimEnd('/'));
}
