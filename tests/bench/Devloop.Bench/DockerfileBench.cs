using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Devloop.Dockerfiles;
using Devloop.Model;
using Devloop.Ports;
using Devloop.Text;

namespace Devloop.Bench;

/// <summary>How fast Dockerfiles are read and paths are judged: the median of some rounds after a warm-up, in time of the processor with that of the collector.</summary>
internal static class DockerfileBench
{
    private const int Rounds = 15;

    private const string Stage = """
        # The dependencies change seldom, so they come before the sources.
        FROM --platform=$BUILDPLATFORM node:20-alpine AS build-@
        ARG NODE_ENV=production
        ENV NODE_ENV=${NODE_ENV} PATH="/app/node_modules/.bin:$PATH" \
            NPM_CONFIG_LOGLEVEL=warn
        WORKDIR /app
        COPY package.json package-lock.json ./
        COPY --chown=node:node packages/*/package.json ./packages/
        RUN --mount=type=cache,target=/root/.npm \
            --mount=type=bind,source=scripts,target=/scripts \
            npm ci --no-audit --no-fund && \
            # Only what is needed stays.
            rm -rf /tmp/* && \
            echo "done"

        COPY . .
        RUN npm run build -- --mode "$NODE_ENV"
        LABEL org.opencontainers.image.title="service @" org.opencontainers.image.vendor="a vendor"

        FROM nginx:1.27
        COPY --from=build-@ /app/dist /usr/share/nginx/html
        EXPOSE 80 443/tcp
        HEALTHCHECK --interval=30s --timeout=3s CMD curl -f http://localhost/ || exit 1
        USER nginx
        ENTRYPOINT ["nginx", "-g", "daemon off;"]


        """;

    public static int Run()
    {
        string[] large = [.. Enumerable.Range(0, 8).Select(_ => string.Concat(Enumerable.Range(0, 370).Select(NumberedStage)))];
        string huge = string.Concat(Enumerable.Range(0, 4000).Select(NumberedStage));
        string[] small = [.. Enumerable.Range(0, 10_000).Select(NumberedStage)];
        Report("one file of 110,000 lines", Encoding.UTF8.GetByteCount(huge) / 1e6, "MB", () => Read(huge));
        Report("8 files of 10,000 lines", large.Sum(Encoding.UTF8.GetByteCount) / 1e6, "MB", () =>
        {
            foreach (string text in large)
                Read(text);
        });
        Report("10,000 small files", small.Sum(Encoding.UTF8.GetByteCount) / 1e6, "MB", () =>
        {
            foreach (string text in small)
                Read(text);
        });
        (string Path, EntryKind Kind)[] tree = [.. Tree()];
        foreach ((string name, string sources, string ignore) in Filters())
        {
            ContextFilter filter = Filter(sources, ignore);
            Report($"judging paths, {name}", tree.Length / 1e6, "million paths", () =>
            {
                foreach ((string path, EntryKind kind) in tree)
                    filter.Judge(path, kind);
            });
        }
        return 0;
    }

    private static string NumberedStage(int number) => Stage.Replace("@", number.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    private static void Read(string text)
    {
        if (DockerfileReader.Read(new SourceText("Dockerfile", text)) is { HasErrors: true } wrong)
            throw new InvalidOperationException(wrong.Diagnostics[0].Message);
    }

    private static IEnumerable<(string Name, string Sources, string Ignore)> Filters() =>
    [
        ("COPY . and no ignore file", "COPY . /", ""),
        ("COPY . and plain rules", "COPY . /", ".git\nnode_modules\ndist\nbuild/output\nREADME.md"),
        ("COPY . and a usual ignore file", "COPY . /", ".git\n**/node_modules\n**/*.log\n*.md\n!README.md\n**/.env*\nbuild\ntmp/**\n**/*.test.js"),
        ("ten sources and a usual ignore file", "COPY package.json package-lock.json ./\nCOPY module-1 module-2 module-3 module-4/sub-1 /x/\nCOPY *.conf /etc/\nCOPY module-7/*/file-1* /y/\nCOPY docs /z", "**/node_modules\n**/*.log\n*.md\n!README.md"),
    ];

    private static ContextFilter Filter(string sources, string ignore)
    {
        Dockerfile file = DockerfileReader.Read(new SourceText("Dockerfile", "FROM scratch\n" + sources)).Value!;
        return new ContextFilter(InputPatterns.Of(file, new BuildVariables()).Value!, IgnoreRules.Read(new SourceText(".dockerignore", ignore)).Value);
    }

    /// <summary>About 100,000 entries in the order of a walk.</summary>
    private static IEnumerable<(string, EntryKind)> Tree()
    {
        for (int module = 0; module < 50; module++)
        {
            yield return ($"module-{module}", EntryKind.Directory);
            for (int sub = 0; sub < 50; sub++)
            {
                yield return ($"module-{module}/sub-{sub}", EntryKind.Directory);
                for (int file = 0; file < 40; file++)
                    yield return ($"module-{module}/sub-{sub}/file-{file}.js", EntryKind.File);
            }
        }
    }

    private static void Report(string what, double amount, string unit, Action work)
    {
        for (int i = 0; i < 3; i++)
            work();
        var seconds = new List<double>();
        for (int i = 0; i < Rounds; i++)
        {
            TimeSpan start = Environment.CpuUsage.TotalTime;
            work();
            seconds.Add((Environment.CpuUsage.TotalTime - start).TotalSeconds);
        }
        seconds.Sort();
        double median = seconds[Rounds / 2];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {amount:0.00} {unit} in {median * 1000:0.0} ms, {amount / median:0.0} {unit}/s (best {amount / seconds[0]:0.0})"));
    }
}
