using HpcTrain.Mpi;

namespace HpcTrain.Testing;

/// <summary>The launchers of this machine, looked for once.</summary>
public static class Launchers
{
    private static readonly Lazy<IReadOnlyList<MpiFlavor>> Available = new(LocalLauncher.AvailableFlavors);

    /// <summary>Both flavours that ranks can run under; for <c>[TestCaseSource]</c> and <c>[Values]</c>-like use.</summary>
    public static IReadOnlyList<MpiFlavor> All { get; } = [MpiFlavor.OpenMpi, MpiFlavor.Mpich];

    /// <summary>True if this machine can start ranks of the flavour.</summary>
    public static bool Has(MpiFlavor flavor) => Available.Value.Contains(flavor);
}
