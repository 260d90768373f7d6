namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        // Modules by the number of their inputs. A pre-hook may give other inputs, a hook another result; null leaves them.

        /// <summary>A module of one input: a subclass implements <see cref="forward"/>, callers use <see cref="call"/>.</summary>
        public abstract class Module<T, TResult> :
            HookableModule<Func<Module<T, TResult>, T, T>, Func<Module<T, TResult>, T, TResult, TResult>>,
            IModule<T, TResult>
        {
            protected Module(string name) : base(name)
            {
            }

            public abstract TResult forward(T input);

            public TResult call(T input)
            {
                BeforeForward();
                if (pre_hooks.Count > 0)
                    foreach (var hook in pre_hooks.Values.ToArray())
                        if (hook(this, input) is { } other)
                            input = other;

                var result = forward(input);
                if (post_hooks.Count > 0)
                    foreach (var hook in post_hooks.Values.ToArray())
                        if (hook(this, input, result) is { } other)
                            result = other;
                AfterForward();
                return result;
            }
        }

        /// <summary>A module of two inputs: a subclass implements <see cref="forward"/>, callers use <see cref="call"/>.</summary>
        public abstract class Module<T1, T2, TResult> :
            HookableModule<Func<Module<T1, T2, TResult>, T1, T2, (T1, T2)?>, Func<Module<T1, T2, TResult>, T1, T2, TResult, TResult>>,
            IModule<T1, T2, TResult>
        {
            protected Module(string name) : base(name)
            {
            }

            public abstract TResult forward(T1 input1, T2 input2);

            public TResult call(T1 input1, T2 input2)
            {
                BeforeForward();
                if (pre_hooks.Count > 0)
                    foreach (var hook in pre_hooks.Values.ToArray())
                        if (hook(this, input1, input2) is { } others)
                            (input1, input2) = others;

                var result = forward(input1, input2);
                if (post_hooks.Count > 0)
                    foreach (var hook in post_hooks.Values.ToArray())
                        if (hook(this, input1, input2, result) is { } other)
                            result = other;
                AfterForward();
                return result;
            }
        }

        /// <summary>
        /// A module of three inputs: a subclass implements <see cref="forward"/>, callers use <see cref="call"/>.
        /// </summary>
        public abstract class Module<T1, T2, T3, TResult> :
            HookableModule<
                Func<Module<T1, T2, T3, TResult>, T1, T2, T3, (T1, T2, T3)?>,
                Func<Module<T1, T2, T3, TResult>, T1, T2, T3, TResult, TResult>>,
            IModule<T1, T2, T3, TResult>
        {
            protected Module(string name) : base(name)
            {
            }

            public abstract TResult forward(T1 input1, T2 input2, T3 input3);

            public TResult call(T1 input1, T2 input2, T3 input3)
            {
                BeforeForward();
                if (pre_hooks.Count > 0)
                    foreach (var hook in pre_hooks.Values.ToArray())
                        if (hook(this, input1, input2, input3) is { } others)
                            (input1, input2, input3) = others;

                var result = forward(input1, input2, input3);
                if (post_hooks.Count > 0)
                    foreach (var hook in post_hooks.Values.ToArray())
                        if (hook(this, input1, input2, input3, result) is { } other)
                            result = other;
                AfterForward();
                return result;
            }
        }

        /// <summary>A module of four inputs: a subclass implements <see cref="forward"/>, callers use <see cref="call"/>.</summary>
        public abstract class Module<T1, T2, T3, T4, TResult> :
            HookableModule<
                Func<Module<T1, T2, T3, T4, TResult>, T1, T2, T3, T4, (T1, T2, T3, T4)?>,
                Func<Module<T1, T2, T3, T4, TResult>, T1, T2, T3, T4, TResult, TResult>>,
            IModule<T1, T2, T3, T4, TResult>
        {
            protected Module(string name) : base(name)
            {
            }

            public abstract TResult forward(T1 input1, T2 input2, T3 input3, T4 input4);

            public TResult call(T1 input1, T2 input2, T3 input3, T4 input4)
            {
                BeforeForward();
                if (pre_hooks.Count > 0)
                    foreach (var hook in pre_hooks.Values.ToArray())
                        if (hook(this, input1, input2, input3, input4) is { } others)
                            (input1, input2, input3, input4) = others;

                var result = forward(input1, input2, input3, input4);
                if (post_hooks.Count > 0)
                    foreach (var hook in post_hooks.Values.ToArray())
                        if (hook(this, input1, input2, input3, input4, result) is { } other)
                            result = other;
                AfterForward();
                return result;
            }
        }

        /// <summary>A module of five inputs: a subclass implements <see cref="forward"/>, callers use <see cref="call"/>.</summary>
        public abstract class Module<T1, T2, T3, T4, T5, TResult> :
            HookableModule<
                Func<Module<T1, T2, T3, T4, T5, TResult>, T1, T2, T3, T4, T5, (T1, T2, T3, T4, T5)?>,
                Func<Module<T1, T2, T3, T4, T5, TResult>, T1, T2, T3, T4, T5, TResult, TResult>>,
            IModule<T1, T2, T3, T4, T5, TResult>
        {
            protected Module(string name) : base(name)
            {
            }

            public abstract TResult forward(T1 input1, T2 input2, T3 input3, T4 input4, T5 input5);

            public TResult call(T1 input1, T2 input2, T3 input3, T4 input4, T5 input5)
            {
                BeforeForward();
                if (pre_hooks.Count > 0)
                    foreach (var hook in pre_hooks.Values.ToArray())
                        if (hook(this, input1, input2, input3, input4, input5) is { } others)
                            (input1, input2, input3, input4, input5) = others;

                var result = forward(input1, input2, input3, input4, input5);
                if (post_hooks.Count > 0)
                    foreach (var hook in post_hooks.Values.ToArray())
                        if (hook(this, input1, input2, input3, input4, input5, result) is { } other)
                            result = other;
                AfterForward();
                return result;
            }
        }

        /// <summary>A module of six inputs: a subclass implements <see cref="forward"/>, callers use <see cref="call"/>.</summary>
        public abstract class Module<T1, T2, T3, T4, T5, T6, TResult> :
            HookableModule<
                Func<Module<T1, T2, T3, T4, T5, T6, TResult>, T1, T2, T3, T4, T5, T6, (T1, T2, T3, T4, T5, T6)?>,
                Func<Module<T1, T2, T3, T4, T5, T6, TResult>, T1, T2, T3, T4, T5, T6, TResult, TResult>>,
            IModule<T1, T2, T3, T4, T5, T6, TResult>
        {
            protected Module(string name) : base(name)
            {
            }

            public abstract TResult forward(T1 input1, T2 input2, T3 input3, T4 input4, T5 input5, T6 input6);

            public TResult call(T1 input1, T2 input2, T3 input3, T4 input4, T5 input5, T6 input6)
            {
                BeforeForward();
                if (pre_hooks.Count > 0)
                    foreach (var hook in pre_hooks.Values.ToArray())
                        if (hook(this, input1, input2, input3, input4, input5, input6) is { } others)
                            (input1, input2, input3, input4, input5, input6) = others;

                var result = forward(input1, input2, input3, input4, input5, input6);
                if (post_hooks.Count > 0)
                    foreach (var hook in post_hooks.Values.ToArray())
                        if (hook(this, input1, input2, input3, input4, input5, input6, result) is { } other)
                            result = other;
                AfterForward();
                return result;
            }
        }
    }
}
