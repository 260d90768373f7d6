using HpcTrain.Collectives.Execution;

namespace HpcTrain.Collectives;

/// <summary>
/// Operations that are not under way, by shape, to be used again. So a loop over the same buffers plans and allocates once, and
/// a program with ever new shapes does not keep the memory of all of them.
/// </summary>
internal sealed class OperationPool : IDisposable
{
    private const int MostIdle = 128;

    private readonly Dictionary<OperationShape, Stack<CollectiveOperation>> _idle = [];
    private int _count;

    /// <summary>An operation of that shape, or null when there is none.</summary>
    public CollectiveOperation? Rent(in OperationShape shape)
    {
        if (!_idle.TryGetValue(shape, out Stack<CollectiveOperation>? operations) || !operations.TryPop(out CollectiveOperation? operation))
            return null;
        _count--;
        return operation;
    }

    public void Return(CollectiveOperation operation)
    {
        while (_count >= MostIdle)
            DropOldest();
        if (!_idle.TryGetValue(operation.Shape, out Stack<CollectiveOperation>? operations))
            _idle.Add(operation.Shape, operations = new());
        operations.Push(operation);
        _count++;
    }

    /// <summary>Frees all operations in the memory of a device.</summary>
    public void Forget(ComputeDevice device)
    {
        foreach (OperationShape shape in _idle.Keys.Where(shape => shape.Device == device).ToArray())
        {
            _idle.Remove(shape, out Stack<CollectiveOperation>? operations);
            foreach (CollectiveOperation operation in operations!)
                operation.Dispose();
            _count -= operations.Count;
        }
    }

    public void Dispose()
    {
        foreach (Stack<CollectiveOperation> operations in _idle.Values)
        {
            foreach (CollectiveOperation operation in operations)
                operation.Dispose();
        }

        _idle.Clear();
        _count = 0;
    }

    private void DropOldest()
    {
        // The whole shape goes: what was last used longest ago will hardly be needed twice at a time soon.
        OperationShape oldest = default;
        long sequence = long.MaxValue;
        foreach ((OperationShape shape, Stack<CollectiveOperation> operations) in _idle)
        {
            // A shape whose operations are all under way has nothing to drop, and its stack will be wanted again.
            if (operations.TryPeek(out CollectiveOperation? top) && top.Sequence < sequence)
                (oldest, sequence) = (shape, top.Sequence);
        }

        _idle.Remove(oldest, out Stack<CollectiveOperation>? dropped);
        foreach (CollectiveOperation operation in dropped!)
            operation.Dispose();
        _count -= dropped.Count;
    }
}
