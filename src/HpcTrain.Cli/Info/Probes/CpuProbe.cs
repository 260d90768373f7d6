using System.Runtime.Intrinsics;
using Arm = System.Runtime.Intrinsics.Arm;
using X86 = System.Runtime.Intrinsics.X86;

namespace HpcTrain.Cli.Info.Probes;

internal static class CpuProbe
{
    public static CpuReport Run() => new(Model(), Environment.ProcessorCount, Features());

    private static string Model()
    {
        const string file = "/proc/cpuinfo";
        var line = File.Exists(file)
            ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return line is null ? "unknown" : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }

    private static string[] Features() =>
        [.. new (string Name, bool Used)[]
        {
            ("SSE4.2", X86.Sse42.IsSupported),
            ("AVX", X86.Avx.IsSupported),
            ("AVX2", X86.Avx2.IsSupported),
            ("FMA", X86.Fma.IsSupported),
            ("AVX-VNNI", X86.AvxVnni.IsSupported),
            ("AVX-512F", X86.Avx512F.IsSupported),
            ("AVX-512BW", X86.Avx512BW.IsSupported),
            ("AVX-512VBMI", X86.Avx512Vbmi.IsSupported),
            ("AVX10.1", X86.Avx10v1.IsSupported),
            ("NEON", Arm.AdvSimd.IsSupported),
            ("Vector512", Vector512.IsHardwareAccelerated),
            ("Vector256", Vector256.IsHardwareAccelerated),
        }.Where(feature => feature.Used).Select(feature => feature.Name)];
}
