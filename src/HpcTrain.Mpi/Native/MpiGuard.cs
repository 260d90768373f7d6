using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;

namespace HpcTrain.Mpi;

/// <summary>Turns MPI's return codes, and calls outside MPI's lifetime, into exceptions.</summary>
internal static unsafe class MpiGuard
{
    /// <summary>True between a successful initialisation and the start of finalisation.</summary>
    public static volatile bool Usable;

    /// <summary>This process in the world, for messages.</summary>
    public static int Rank { get; set; } = -1;

    public static int Size { get; set; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void RequireUsable(string call)
    {
        if (!Usable)
            ThrowUnusable(call);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Check(int code, string call)
    {
        if (code != 0)
            Throw(code, call);
    }

    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void ThrowUnusable(string call)
    {
        var why = MpiEnvironment.HasEnded
            ? "MPI has already been finalized (MpiEnvironment was disposed): keep the environment alive until the last call"
            : "MPI is not initialised: call MpiEnvironment.Initialize first";
        throw new MpiException($"{call} was called{On()} but {why}.", call, Rank);
    }

    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Throw(int code, string call, string where = "")
    {
        var errorClass = 0;
        _ = MpiCalls.ErrorClass(code, &errorClass);
        throw new MpiException($"{call} failed{On()}{where}: {Describe(code)}", call, Rank, code, errorClass);
    }

    /// <summary>MPI's own text for an error code, on one line.</summary>
    public static string Describe(int code)
    {
        var buffer = stackalloc byte[Math.Max(1024, MpiCalls.Abi.MaxErrorString + 1)];
        var length = 0;
        if (MpiCalls.ErrorString(code, buffer, &length) != 0)
            return $"MPI error {code}";
        var lines = Encoding.UTF8.GetString(buffer, length).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return string.Join("; ", lines);
    }

    private static string On() => Rank < 0 ? "" : $" on rank {Rank} of {Size}";
}
