using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>
/// Owns the tensors that its thread creates while it is the innermost scope, and disposes them when it ends.
///
/// A tensor knows its scope and its place in the scope's list; removal moves the last tensor into the gap. So the cost
/// per tensor is an append, with no hashing.
/// </summary>
public sealed partial class DisposeScope : IDisposable
{
    private readonly List<torch.Tensor> _tensors = [];
    private DisposeScopeManager? _manager;

    internal DisposeScope(DisposeScopeManager manager)
    {
        _manager = manager;
        OuterScope = manager.CurrentDisposeScope;
    }

    internal DisposeScope? OuterScope { get; set; }

    public IReadOnlyList<IDisposable> DisposablesView
    {
        get
        {
            ThrowIfEnded();
            return _tensors.ToArray();
        }
    }

    public int DisposablesCount
    {
        get
        {
            ThrowIfEnded();
            return _tensors.Count;
        }
    }

    private LifetimeStatistics Counts => ThrowIfEnded().StatisticsInstance.TensorStatistics;

    public bool Contains(IDisposable disposable) => disposable is torch.Tensor tensor && tensor.OwningDisposeScope == this;

    public void MoveToOuter(params IDisposable[] disposables) => MoveToOuter((IEnumerable<IDisposable>)disposables);

    public void MoveToOuter(IEnumerable<IDisposable> disposables) => MoveToOther(OuterScope, disposables);

    public void MoveToOther(DisposeScope? scope, params IDisposable[] disposables) => MoveToOther(scope, (IEnumerable<IDisposable>)disposables);

    /// <summary>Gives tensors of this scope to another; without another they are detached.</summary>
    public void MoveToOther(DisposeScope? scope, IEnumerable<IDisposable> disposables)
    {
        ThrowIfEnded();
        if (scope is null)
        {
            Detach(disposables);
            return;
        }

        foreach (var tensor in Mine(disposables)) MoveTo(scope, tensor);
    }

    public void Detach(params IDisposable[] disposables) => Detach((IEnumerable<IDisposable>)disposables);

    /// <summary>Makes tensors of this scope free of any scope.</summary>
    public void Detach(IEnumerable<IDisposable> disposables)
    {
        var counts = Counts;
        foreach (var tensor in Mine(disposables))
        {
            Remove(tensor);
            counts.DetachedFromScopeCount++;
        }
    }

    public void Attach(IDisposable disposable) => _ = Attach((IEnumerable<IDisposable>)[disposable]);

    public void Attach(params IDisposable[] disposables) => _ = Attach((IEnumerable<IDisposable>)disposables);

    /// <summary>Takes tensors, from whatever scope they belonged to.</summary>
    public IReadOnlyList<IDisposable> Attach(IEnumerable<IDisposable> disposables)
    {
        var counts = Counts;
        var all = disposables.ToArray();
        foreach (var disposable in all)
            if (MoveTo(this, AsTensor(disposable)))
                counts.AttachedToScopeCount++;
        return all;
    }

    public void DisposeEverything() => DisposeEverythingBut([]);

    public void DisposeEverythingBut(params IDisposable[] keep) => DisposeEverythingBut((IEnumerable<IDisposable>)keep);

    /// <summary>Disposes all tensors but some, which belong to this scope from now on.</summary>
    public void DisposeEverythingBut(IEnumerable<IDisposable> inKeep)
    {
        ThrowIfEnded();
        var keep = inKeep.Select(AsTensor).ToHashSet(ReferenceEqualityComparer.Instance);
        // From the end, so that a disposed tensor leaves without another one moving into its place.
        for (var i = _tensors.Count - 1; i >= 0; i--)
            if (!keep.Contains(_tensors[i]))
                _tensors[i].Dispose();
        foreach (var tensor in keep.Cast<torch.Tensor>()) MoveTo(this, tensor);
    }

    public void Dispose()
    {
        if (_manager is null) return;
        DisposeEverything();
        _manager.Remove(this);
        _manager = null;
    }

    /// <summary>Forgets a tensor that has been disposed.</summary>
    public void MarkAsDisposed(IDisposable disposable)
    {
        ThrowIfEnded();
        if (disposable is torch.Tensor tensor && tensor.OwningDisposeScope == this) Remove(tensor);
    }

    internal void Add(torch.Tensor tensor)
    {
        tensor.OwningDisposeScope = this;
        tensor.PlaceInScope = _tensors.Count;
        _tensors.Add(tensor);
    }

    internal void Remove(torch.Tensor tensor)
    {
        var tensors = CollectionsMarshal.AsSpan(_tensors);
        var last = tensors[^1];
        tensors[tensor.PlaceInScope] = last;
        last.PlaceInScope = tensor.PlaceInScope;
        _tensors.RemoveAt(tensors.Length - 1);
        tensor.OwningDisposeScope = null;
    }

    /// <summary>The replacement takes the original's place in its scope; the original leaves it.</summary>
    internal static void ReplaceWith(torch.Tensor original, torch.Tensor replacement)
    {
        if (original.OwningDisposeScope is not { } scope) return;
        scope.Remove(original);
        MoveTo(scope, replacement);
    }

    private static bool MoveTo(DisposeScope scope, torch.Tensor tensor)
    {
        if (tensor.OwningDisposeScope == scope) return false;
        tensor.OwningDisposeScope?.Remove(tensor);
        scope.Add(tensor);
        return true;
    }

    private IEnumerable<torch.Tensor> Mine(IEnumerable<IDisposable> disposables) =>
        disposables.OfType<torch.Tensor>().Where(tensor => tensor.OwningDisposeScope == this);

    private static torch.Tensor AsTensor(IDisposable disposable) =>
        disposable as torch.Tensor ?? throw new InvalidOperationException("DisposeScope can only manage Tensor or PackedSequence");

    private DisposeScopeManager ThrowIfEnded()
    {
        ObjectDisposedException.ThrowIf(_manager is null, this);
        return _manager;
    }
}
