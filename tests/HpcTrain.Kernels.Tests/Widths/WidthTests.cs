using System.Diagnostics;
using System.Runtime.Intrinsics;

namespace HpcTrain.Kernels.Tests.Widths;

/// <summary>The same bits from registers of every width that this machine has, each in a process that may use no wider
/// ones.</summary>
internal sealed class WidthTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);
    private static readonly string[] Here = [.. SelfCheck.Lines()];

    [TestCase("DOTNET_EnableAVX512", 256)]
    [TestCase("DOTNET_EnableAVX2", 128)]
    [TestCase("DOTNET_EnableHWIntrinsic", 0)]
    public async Task Narrower_registers_give_the_same_bits(string variable, int bits)
    {
        string[] there = await RunAsync(variable);

        int widest = Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;
        string expected = bits == 0 ? "no vector units" : $"Vector{Math.Min(bits, widest)}";
        Assert.That(there[0], Does.Contain(expected), "the child process did not run with the registers that it was told to use");
        Assert.That(there.Skip(1), Is.EqualTo(Here.Skip(1)));
    }

    [Test]
    public void The_description_names_the_registers() => Assert.That(Here[0], Does.Match("Vector(128|256|512)"));

    private static async Task<string[]> RunAsync(string variable)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(typeof(Program).Assembly.Location);
        start.ArgumentList.Add("self-check");
        start.Environment[variable] = "0";

        using var child = Process.Start(start)!;
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            Task<string> output = child.StandardOutput.ReadToEndAsync(limit.Token);
            Task<string> error = child.StandardError.ReadToEndAsync(limit.Token);
            await child.WaitForExitAsync(limit.Token);
            Assert.That(child.ExitCode, Is.Zero, $"{variable}=0 self-check: {await error}");
            return (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        finally
        {
            if (!child.HasExited) child.Kill(entireProcessTree: true);
        }
    }
}
