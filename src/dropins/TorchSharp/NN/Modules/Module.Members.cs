using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        // What a module is made of. Names of nested members are joined by dots; something that two modules share is listed
        // once, under its first name. This module itself is not among its modules.
        public partial class Module
        {
            public virtual IEnumerable<(string name, Module module)> named_children() => _internal_submodules;

            public virtual IEnumerable<Module> children() => named_children().Select(child => child.module);

            /// <summary>First all children, then the modules inside each of them.</summary>
            public virtual IEnumerable<(string name, Module module)> named_modules() =>
                [.. _internal_submodules, .. ModulesBelow(_internal_submodules)];

            public virtual IEnumerable<Module> modules() => named_modules().Select(named => named.module);

            public virtual IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
            {
                IEnumerable<(string, Parameter)> registered = _internal_params;
                var own = registered.Where(entry => !entry.Item2.IsInvalid);
                return Distinct(recurse ? own.Concat(ParametersBelow(_internal_submodules)) : own);
            }

            public virtual IEnumerable<Parameter> parameters(bool recurse = true) =>
                named_parameters(recurse).Select(named => named.parameter);

            public virtual IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_nonpersistent = true)
            {
                IEnumerable<(string, (Tensor, bool))> registered = _internal_buffers;
                var own = registered
                    .Where(entry => (include_nonpersistent || entry.Item2.Item2) && !entry.Item2.Item1.IsInvalid)
                    .Select(entry => (entry.Item1, entry.Item2.Item1));
                return Distinct(recurse ? own.Concat(BuffersBelow(_internal_submodules, include_nonpersistent)) : own);
            }

            public virtual IEnumerable<Tensor> buffers(bool recurse = true, bool include_nonpersistent = true) =>
                named_buffers(recurse, include_nonpersistent).Select(named => named.buffer);

            public virtual bool has_parameter(string target) => get_parameter(target) is not null;

            public virtual bool has_buffer(string target) => get_buffer(target) is not null;

            /// <summary>The parameter of that dotted name, or null.</summary>
            public virtual Parameter? get_parameter(string target) =>
                _internal_params.TryGetValue(target, out var parameter)
                    ? parameter
                    : Descend(target, (child, rest) => child.get_parameter(rest));

            /// <summary>The buffer of that dotted name, or null.</summary>
            public virtual Tensor? get_buffer(string target) =>
                _internal_buffers.TryGetValue(target, out var buffer)
                    ? buffer.Item1
                    : Descend(target, (child, rest) => child.get_buffer(rest));

            internal static IEnumerable<(string, Module)> ModulesBelow(IEnumerable<(string, Module)> children) =>
                children.SelectMany(child =>
                    child.Item2.named_modules().Select(named => ($"{child.Item1}.{named.name}", named.module)));

            internal static IEnumerable<(string, Parameter)> ParametersBelow(IEnumerable<(string, Module)> children) =>
                children.SelectMany(child =>
                    child.Item2.named_parameters().Select(named => ($"{child.Item1}.{named.name}", named.parameter)));

            internal static IEnumerable<(string, Tensor)> BuffersBelow(IEnumerable<(string, Module)> children, bool include_nonpersistent) =>
                children.SelectMany(child => child.Item2.named_buffers(true, include_nonpersistent)
                    .Select(named => ($"{child.Item1}.{named.name}", named.buffer)));

            internal static IEnumerable<(string, T)> Distinct<T>(IEnumerable<(string, T)> named) where T : Tensor =>
                named.DistinctBy(entry => (object)entry.Item2, ReferenceEqualityComparer.Instance);

            private T? Descend<T>(string target, Func<Module, string, T?> find) where T : class
            {
                var dot = target.IndexOf('.', StringComparison.Ordinal);
                if (dot < 0) return null;
                return named_children()
                    .Where(child => target.AsSpan(0, dot).SequenceEqual(child.name))
                    .Select(child => find(child.module, target[(dot + 1)..]))
                    .FirstOrDefault(found => found is not null);
            }
        }
    }
}
