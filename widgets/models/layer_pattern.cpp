#include "widgets/models/layer_pattern.h"

#include <QCoreApplication>
#include <QStringList>

#include <algorithm>

namespace qs {

namespace {

/// Qt's own wildcards stop at a slash, of which names are full.
QRegularExpression wildcard(const QString& text)
{
    QString pattern = QRegularExpression::escape(text);
    pattern.replace(QLatin1String("\\*"), QLatin1String(".*")).replace(QLatin1String("\\?"), QLatin1String("."));
    return QRegularExpression(QRegularExpression::anchoredPattern(pattern), QRegularExpression::CaseInsensitiveOption);
}

bool hasWildcard(const QString& text)
{
    return text.contains(QLatin1Char('*')) || text.contains(QLatin1Char('?'));
}

}  // namespace

LayerPattern::LayerPattern(const QString& text)
{
    for (const QString& part : text.split(QLatin1Char(' '), Qt::SkipEmptyParts)) {
        Word word{Of::NameOrType, part, {}};
        if (part.startsWith(QLatin1String("type:"), Qt::CaseInsensitive))
            word = {Of::Type, part.mid(5), {}};
        else if (part.startsWith(QLatin1String("name:"), Qt::CaseInsensitive))
            word = {Of::Name, part.mid(5), {}};
        // Still being typed.
        if (word.text.isEmpty())
            continue;
        if (hasWildcard(word.text)) {
            word.pattern = wildcard(word.text);
            if (word.of == Of::NameOrType)
                word.of = Of::Name;
        }
        m_words.push_back(std::move(word));
    }
}

bool LayerPattern::meets(const QString& name, const QString& type) const
{
    const auto met = [](const Word& word, const QString& text) {
        return word.pattern.pattern().isEmpty() ? text.contains(word.text, Qt::CaseInsensitive) : word.pattern.match(text).hasMatch();
    };
    return std::all_of(m_words.begin(), m_words.end(),
                       [&](const Word& word) { return (word.of != Of::Type && met(word, name)) || (word.of != Of::Name && met(word, type)); });
}

QString LayerPattern::help()
{
    return QCoreApplication::translate("LayerPattern",
                                       "A part of the name or type; type:Conv* the type alone; features.*.conv a pattern of the whole name");
}

}  // namespace qs
