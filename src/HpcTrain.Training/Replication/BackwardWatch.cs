using static TorchSharp.torch;

namespace HpcTrain.Training.Replication;

/// <summary>
/// Tells during backward which parameters' gradients are complete, through TorchSharp's public API alone. A forward pre-hook sends the input of each module that has
/// parameters of its own through an identity function. libtorch runs what is ready in the reverse order of recording, so when the identity's own backward runs, backward is
/// past the module. A parameter is complete when every recorded call of every module that holds it has reported.
/// </summary>
/// <remarks>
/// There is no report, and the parameter is complete when backward returns, where a module's input needs no gradient (a first layer, an embedding's indices), or
/// where the module takes several inputs. Parameters that are used elsewhere, before their module was called, report too soon; whoever listens has to look for that.
/// </remarks>
internal sealed class BackwardWatch : IDisposable
{
    private readonly Action<int> _completed;
    private readonly List<Owner>[] _ownersOf;
    private readonly List<Action> _unhook = [];

    /// <param name="model">The model; each of its parameters has a slot.</param>
    /// <param name="completed">Is told of a slot, during backward.</param>
    public BackwardWatch(FlatModel model, Action<int> completed)
    {
        _completed = completed;
        _ownersOf = [.. model.Slots.Select(_ => new List<Owner>())];
        var slots = new Dictionary<nint, int>();
        for (var i = 0; i < model.Parameters.Count; i++)
        {
            slots[model.Parameters[i].Handle] = i;
        }

        foreach (var module in model.Module.named_modules().Select(m => m.module).Prepend(model.Module).Distinct(ReferenceEqualityComparer.Instance).Cast<nn.Module>())
        {
            int[] own = [.. module.named_parameters(recurse: false).Where(p => slots.ContainsKey(p.parameter.Handle)).Select(p => slots[p.parameter.Handle])];
            if (own.Length == 0)
            {
                continue;
            }

            var owner = new Owner(this, own) { IsSilent = module is not nn.Module<Tensor, Tensor> };
            foreach (var slot in own)
            {
                _ownersOf[slot].Add(owner);
            }

            if (module is nn.Module<Tensor, Tensor> watched)
            {
                _unhook.Add(watched.register_forward_pre_hook((_, input) => owner.Called(input)).remove);
            }
        }
    }

    /// <summary>Forgets calls and reports: a pass is over.</summary>
    public void Reset()
    {
        foreach (var owner in _ownersOf.SelectMany(o => o))
        {
            owner.Reset();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var unhook in _unhook)
        {
            unhook();
        }
    }

    private void Reported(Owner owner)
    {
        foreach (var slot in owner.Slots)
        {
            if (_ownersOf[slot].TrueForAll(o => o.IsPast))
            {
                _completed(slot);
            }
        }
    }

    /// <summary>A module with parameters of its own.</summary>
    private sealed class Owner(BackwardWatch watch, int[] slots)
    {
        private int _calls;
        private int _reports;
        private bool _unheard;

        public int[] Slots => slots;

        /// <summary>Whether it never reports.</summary>
        public bool IsSilent { get; init; }

        /// <summary>Whether backward is past all its calls.</summary>
        public bool IsPast => !IsSilent && !_unheard && _calls == _reports;

        public Tensor Called(Tensor input)
        {
            if (!is_grad_enabled())
            {
                return input;
            }

            if (!input.requires_grad)
            {
                _unheard = true;
                return input;
            }

            _calls++;
            return Passing.apply(input, this);
        }

        public void Report()
        {
            _reports++;
            if (IsPast)
            {
                watch.Reported(this);
            }
        }

        public void Reset() => (_calls, _reports, _unheard) = (0, 0, false);
    }

    /// <summary>The identity, whose backward reports.</summary>
    private sealed class Passing : autograd.SingleTensorFunction<Passing>
    {
        public override string Name => nameof(Passing);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            ctx.save_data("owner", vars[1]);
            return ((Tensor)vars[0]).alias();
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            ((Owner)ctx.get_data("owner")).Report();
            return [grad_output, null!];
        }
    }
}
