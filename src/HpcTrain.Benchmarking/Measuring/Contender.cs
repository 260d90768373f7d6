namespace HpcTrain.Benchmarking.Measuring;

/// <summary>One side of a comparison: a call that can be repeated, on buffers of its own.</summary>
internal abstract class Contender
{
    /// <summary>What it is called in messages: "ring allreduce of 64K", "Open MPI's allreduce of 64K".</summary>
    public abstract string Label { get; }

    /// <summary>Whether a call that stands still ends by itself, with an error that names the rank that is to blame.</summary>
    public virtual bool NamesStalls => false;

    /// <summary>Does the call once and waits for its end.</summary>
    public abstract void Run();

    /// <summary>Starts the call without waiting.</summary>
    public abstract void Start();

    /// <summary>Moves the started call on.</summary>
    /// <returns>Whether it is done.</returns>
    public abstract bool Test();

    /// <summary>Waits for the started call.</summary>
    public abstract void Wait();
}
