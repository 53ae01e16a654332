#include "app/window/view_groups.h"

#include <QAction>
#include <QDataStream>
#include <QIODevice>
#include <QMainWindow>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace qs {

ViewGroups::ViewGroups(QMainWindow* window) : QDockWidget(window), m_window(window)
{
    setObjectName(QStringLiteral("groups"));
    setFeatures(NoDockWidgetFeatures);
    setTitleBarWidget(new QWidget);
    toggleViewAction()->setVisible(false);
    auto* content = new QWidget;
    m_column = new QVBoxLayout(content);
    m_column->setContentsMargins(3, 3, 3, 3);
    m_column->setSpacing(2);
    m_column->addStretch();
    setWidget(content);
}

void ViewGroups::add(ViewGroup group, QDockWidget* view)
{
    m_members.push_back({view, group});
    m_tabs.try_emplace(group, view);
    connect(view, &QDockWidget::visibilityChanged, this, [this, group, view](bool visible) {
        if (visible && group == m_group && stands(view))
            m_tabs[group] = view;
    });
    // Later: while the window's state is being restored its docks must be left alone.
    connect(view, &QDockWidget::visibilityChanged, this, &ViewGroups::showSwitch, Qt::QueuedConnection);
}

void ViewGroups::addChoice(ViewGroup group, QAction* action)
{
    auto* button = new QToolButton;
    button->setDefaultAction(action);
    button->setAutoRaise(true);
    button->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_column->insertWidget(m_column->count() - 1, button);
    widget()->setFixedWidth(m_column->sizeHint().width());
    action->setChecked(group == m_group);
    m_choices.emplace(group, action);
}

bool ViewGroups::stands(QDockWidget* view) const
{
    return !view->isFloating() && m_window->dockWidgetArea(view) == Qt::BottomDockWidgetArea;
}

void ViewGroups::rememberClosed()
{
    for (Member& member : m_members)
        member.closed = isClosed(member);
}

void ViewGroups::choose(ViewGroup group)
{
    rememberClosed();
    m_group = group;
    apply();
}

void ViewGroups::bring(QDockWidget* view)
{
    const auto member = std::find_if(m_members.begin(), m_members.end(), [view](const Member& one) { return one.view == view; });
    if (member != m_members.end() && stands(view)) {
        rememberClosed();
        member->closed = false;
        m_group = member->group;
        m_tabs[m_group] = view;
        apply();
    } else {
        view->show();
        view->raise();
    }
}

void ViewGroups::apply()
{
    QDockWidget* front = m_tabs[m_group];
    // Whoever asks for a group whose views are all closed wants them again.
    if (std::all_of(m_members.begin(), m_members.end(), [this](const Member& one) { return !stands(one) || one.closed; }))
        for (Member& member : m_members)
            member.closed = member.closed && !stands(member);
    // These come before the others go: the area at the bottom keeps its height.
    for (const Member& member : m_members)
        if (stands(member))
            member.view->setVisible(!member.closed);
    if (stands(front))
        front->raise();
    for (const Member& member : m_members)
        if (member.group != m_group && stands(member.view))
            member.view->hide();
    m_tabs[m_group] = front;
    if (const auto choice = m_choices.find(m_group); choice != m_choices.end())
        choice->second->setChecked(true);
    showSwitch();
}

void ViewGroups::showSwitch()
{
    setVisible(std::any_of(m_members.begin(), m_members.end(), [this](const Member& one) { return stands(one) && !one.view->isHidden(); }));
}

QByteArray ViewGroups::saveGroups() const
{
    QStringList tabs;
    QStringList closed;
    for (const auto& [group, view] : m_tabs)
        tabs << view->objectName();
    for (const Member& member : m_members)
        if (isClosed(member))
            closed << member.view->objectName();
    QByteArray state;
    QDataStream stream(&state, QIODevice::WriteOnly);
    stream << m_group << tabs << closed;
    return state;
}

void ViewGroups::restoreGroups(const QByteArray& state)
{
    ViewGroup group = ViewGroup::None;
    QStringList tabs;
    QStringList closed;
    QDataStream stream(state);
    stream >> group >> tabs >> closed;
    if (m_choices.contains(group))
        m_group = group;
    for (Member& member : m_members) {
        member.closed = closed.contains(member.view->objectName());
        if (tabs.contains(member.view->objectName()))
            m_tabs[member.group] = member.view;
    }
    apply();
}

}  // namespace qs
