namespace HpcTrain.Kernels.Formats;

/// <summary>How elements lie in memory, and in which lanes they are computed: f16 and bf16 become lanes of f32.</summary>
/// <typeparam name="TVector">The register that one load fills.</typeparam>
/// <typeparam name="TStored">The element in memory.</typeparam>
internal unsafe interface IFormat<TVector, TStored> where TVector : unmanaged where TStored : unmanaged
{
    /// <summary>Reads as many elements as the register has lanes; no alignment is needed.</summary>
    static abstract TVector Load(TStored* source);

    /// <summary>Writes as many elements as the register has lanes, rounded to nearest even where the element is
    /// narrower.</summary>
    static abstract void Store(TVector value, TStored* destination);
}
