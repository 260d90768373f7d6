using TorchSharp.Interop;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>What all optimizers share: groups, states by parameter, and files of both.</summary>
public abstract class OptimizerHelper : optim.Optimizer
{
    protected OptimizerOptions _defaults = null!;

    /// <summary>By the parameter's handle.</summary>
    protected OrderedDict<nint, OptimizerState> _state = [];

    public override unsafe void zero_grad()
    {
        foreach (var group in _parameter_groups)
        {
            var handles = Handles(group, out var parameters);
            fixed (nint* first = handles) Native.Check(Native.ht_zero_gradients(first, handles.Length));
            GC.KeepAlive(parameters);
        }
    }

    public virtual StateDictionary state_dict()
    {
        var dictionary = new StateDictionary();
        foreach (var group in _parameter_groups)
        {
            dictionary.Options.Add(group.Options);
            var places = new List<int>();
            foreach (var parameter in group.Parameters)
            {
                places.Add(dictionary.State.Count);
                dictionary.State.Add(_state[parameter.Handle]);
            }

            dictionary.StateIndexRef.Add(places);
        }

        return dictionary;
    }

    public virtual void load_state_dict(StateDictionary state_dict)
    {
        var mine = this.state_dict();
        CheckCounts(mine, state_dict.Options.Count, state_dict.State.Count);
        foreach (var (target, source) in mine.Options.Zip(state_dict.Options))
            if (!ReferenceEquals(target, source))
                target.LoadStateDict(source);
        foreach (var (target, source) in mine.State.Zip(state_dict.State))
            if (!ReferenceEquals(target, source))
                target.LoadStateDict(source);
    }

    public void save_state_dict(string location)
    {
        using var stream = File.Create(location);
        using var writer = new BinaryWriter(stream);
        save_state_dict(writer);
    }

    /// <summary>The optimizer's name, the numbers of groups and of parameters, the options, the states.</summary>
    public void save_state_dict(BinaryWriter writer)
    {
        writer.Write(GetType().Name);
        var dictionary = state_dict();
        writer.Encode(dictionary.Options.Count);
        writer.Encode(dictionary.State.Count);
        foreach (var options in dictionary.Options) options.SaveStateDict(writer);
        foreach (var state in dictionary.State) state.SaveStateDict(writer);
    }

    public void load_state_dict(string location)
    {
        using var stream = File.OpenRead(location);
        using var reader = new BinaryReader(stream);
        load_state_dict(reader);
    }

    public void load_state_dict(BinaryReader reader)
    {
        var name = reader.ReadString();
        if (name != GetType().Name)
            throw new InvalidDataException(
                $"Mismatched optimizer type: expected '{GetType().Name}', but found '{name}' in the loaded stream.");
        var mine = state_dict();
        var (groups, states) = (reader.Decode(), reader.Decode());
        CheckCounts(mine, groups, states);
        foreach (var options in mine.Options) options.LoadStateDict(reader);
        foreach (var state in mine.State) state.LoadStateDict(reader);
    }

    public void to(Device device)
    {
        foreach (var state in _state.values()) state.to(device);
    }

    /// <summary>Runs a step's work for each group, without recording gradients; the loss is computed with them.</summary>
    protected Tensor _step<T>(Action<T> body, Func<Tensor>? loss_closure = null) where T : ParamGroup
    {
        Tensor? loss = null;
        if (loss_closure is not null)
        {
            using var _ = enable_grad();
            loss = loss_closure();
        }

        using (no_grad())
        using (NewDisposeScope())
        {
            foreach (var group in _parameter_groups) body((T)group);
        }

        return loss!;
    }

    /// <summary>Adds a group whose options are complete, with a fresh state for each parameter.</summary>
    private protected void Join(ParamGroup group, Func<Parameter, OptimizerState> newState)
    {
        // An enumeration of a model's parameters walks the model each time it is run.
        group.Parameters = group.Parameters.ToArray();
        group.Options.InitialLearningRate = group.Options.LearningRate!.Value;
        _parameter_groups.Add(group);
        foreach (var parameter in group.Parameters)
        {
            var state = newState(parameter);
            state.Initialize(group.Options);
            _state[parameter.Handle] = state;
        }
    }

    private protected static nint[] Handles(ParamGroup group, out Parameter[] parameters)
    {
        parameters = group.Parameters as Parameter[] ?? [.. group.Parameters];
        var handles = new nint[parameters.Length];
        for (var i = 0; i < handles.Length; i++) handles[i] = parameters[i].Handle;
        return handles;
    }

    private protected static void CheckNotNegative(double value, string what)
    {
        if (value < 0.0) throw new ArgumentException($"Invalid {what}: {value}", nameof(value));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (var state in _state.values()) (state as IDisposable)?.Dispose();
            _state.Clear();
        }

        base.Dispose(disposing);
    }

    private static void CheckCounts(StateDictionary mine, long groups, long states)
    {
        if (groups != mine.Options.Count)
            throw new ArgumentException("Invalid optimizer state -- different number of parameter groups.", nameof(groups));
        if (states != mine.State.Count)
            throw new ArgumentException("Invalid optimizer state -- different number of states.", nameof(states));
    }
}
