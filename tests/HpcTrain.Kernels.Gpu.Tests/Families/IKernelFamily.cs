namespace HpcTrain.Kernels.Gpu.Tests.Families;

/// <summary>
/// A back end of the kernels, seen through one block of its memory: arrays are byte offsets into it, so that one suite can say what is the same
/// memory and what is not. Calls have done their work when they return.
/// </summary>
internal interface IKernelFamily : IDisposable
{
    /// <summary>The size of the block.</summary>
    const int BlockBytes = 1 << 20;

    /// <summary>Starts the back end, or skips the tests where the machine has none.</summary>
    static abstract IKernelFamily Create();

    void Write(int offset, ReadOnlySpan<byte> bytes);
    byte[] Read(int offset, int bytes);

    void Reduce(ElementType type, ReduceOp op, int destination, int source, int count);
    void ReduceMany(ElementType type, ReduceOp op, int destination, int[] sources, int count);
    void ReduceInto(ReduceOp op, int accumulator, ElementType sourceType, int source, int count);
    void Cast(ElementType from, int source, ElementType to, int destination, int count);
    void Scale(ElementType type, int destination, int source, int count, double factor);
    void FinishAverage(ElementType type, int data, int count, int ranks);
    void FinishAverage(int sums, ElementType to, int destination, int count, int ranks);
    void Fill(ElementType type, int data, int count, double value);
    void Zero(int data, int bytes);
}
